import { loadConfig, type Config } from './config';
import { startService } from './service';
import { closeOnSignal } from './shutdown';
import { explainFailure } from './start-failure';
import { startReport } from './start-report';

async function main(): Promise<void> {
  let config: Config | undefined;
  try {
    config = loadConfig(process.env);
    const service = await startService(config);
    closeOnSignal(service);
    process.stdout.write(startReport(service, config));
  } catch (error) {
    process.stderr.write(`${explainFailure(error, config)}\n`);
    process.exitCode = 1;
  }
}

void main();

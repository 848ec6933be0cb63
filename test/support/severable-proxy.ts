import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterTest } from './databases';

/** A server in front of another, whose connections can be cut. */
export interface SeverableProxy {
  /** The URL given, leading through the proxy. */
  url: string;
  /** Cuts all connections that are open now; new ones are let through. */
  sever(): void;
  /** Takes no new connections either. */
  stop(): Promise<void>;
  /** Takes them again. */
  start(): Promise<void>;
  /** Resolves when a connection that is open has sent something to the server. */
  sent(): Promise<void>;
}

export async function severableProxy(target: string): Promise<SeverableProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let onSent: (() => void)[] = [];
  const server = createServer((client) => {
    const upstream = connect(Number(port || 1433), hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      // What is cut ends both ways, and nobody is told here.
      socket.on('error', () => undefined);
    }
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    client.on('data', () => onSent.splice(0).forEach((resolve) => resolve()));
    client.pipe(upstream).pipe(client);
  });
  const listen = (at: number) => new Promise<void>((resolve) => server.listen(at, '127.0.0.1', resolve));
  await listen(0);
  const url = new URL(target);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  const sever = () => sockets.forEach((socket) => socket.destroy());
  const stop = async () => {
    sever();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  afterTest(stop);
  return {
    url: url.href,
    sever,
    stop,
    start: () => listen(Number(url.port)),
    sent: () => new Promise((resolve) => (onSent = [...onSent, resolve])),
  };
}

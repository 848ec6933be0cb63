/** What is touched of a connection of tedious; mssql hands each one to `beforeConnect` of its configuration. */
export interface DriverConnection {
  config: { options: { encrypt?: boolean | 'strict' } };
  sendLogin7Packet(): void;
  on(event: 'secure', listener: () => void): void;
  on(event: 'errorMessage', listener: (token: ServerMessage) => void): void;
  on(event: 'connect', listener: (error?: Error & { number?: number }) => void): void;
}

export interface ServerMessage {
  number: number;
  message: string;
}

/** `code` of the error where TLS is asked for and there is none. */
export const noTlsCode = 'ENOTLS';

/**
 * Mends two faults of the driver, for `beforeConnect`:
 * - where TLS is asked for and the server says that it has none, the driver would send the password as it is: whoever sits
 *   between could say so. Such a connection ends before the login;
 * - the error of a refused login has a text only: it gets the server's number, which says whether it passes by itself.
 */
export function guardHandshake(connection: DriverConnection): void {
  let isSecure = false;
  let refusal: number | undefined;
  connection.on('secure', () => (isSecure = true));
  connection.on('errorMessage', ({ number }) => (refusal ??= number));
  connection.on('connect', (error) => {
    if (error && refusal !== undefined) error.number = refusal;
  });
  const logIn = connection.sendLogin7Packet.bind(connection);
  connection.sendLogin7Packet = () => {
    const { encrypt } = connection.config.options;
    // With "strict" there is TLS before anything is said.
    if (encrypt && encrypt !== 'strict' && !isSecure) {
      throw Object.assign(new Error('The server offers no TLS; the password was not sent.'), { code: noTlsCode });
    }
    logIn();
  };
}

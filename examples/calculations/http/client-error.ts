import type { Socket } from 'node:net';

interface Answer {
  status: string;
  code: string;
  message: string;
  remedy: string;
}

const unreadable: Answer = {
  status: '400 Bad Request',
  code: 'UNREADABLE_REQUEST',
  message: 'The request is not HTTP/1.1.',
  remedy: 'Send a request as RFC 9112 has it.',
};

const answers: Partial<Record<string, Answer>> = {
  HPE_HEADER_OVERFLOW: {
    status: '431 Request Header Fields Too Large',
    code: 'HEADERS_TOO_LARGE',
    message: 'The headers take more than 16 KiB.',
    remedy: 'Send fewer or shorter headers.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: '408 Request Timeout',
    code: 'REQUEST_TIMEOUT',
    message: 'The request took too long to arrive.',
    remedy: 'Send the whole request at once.',
  },
};

/** Answers what Node could not read as a request, and so never gets to the routes, in the envelope of all the others. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const { status, ...problem } = answers[error.code ?? ''] ?? unreadable;
  const body = JSON.stringify({ success: false, error: problem });
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

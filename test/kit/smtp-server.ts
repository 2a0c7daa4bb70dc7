import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';

export interface SmtpServer {
  readonly url: string;
  readonly received: readonly { readonly to: string; readonly data: string }[];
  /** What it answers to a command from then on, such as `RCPT` with `550 no such mailbox`. */
  answer(command: string, reply: string): void;
  close(): Promise<void>;
}

/** As much of RFC 5321 as a client needs to hand over a mail. */
export async function smtpServer(): Promise<SmtpServer> {
  const received: { to: string; data: string }[] = [];
  const answers = new Map<string, string>();
  const server: Server = createServer((socket) => {
    let buffer = '';
    let to = '';
    let inData = false;
    const reply = (command: string, usual: string) => socket.write(`${answers.get(command) ?? usual}\r\n`);
    socket.on('error', () => {});
    socket.write('220 test\r\n');
    socket.on('data', (chunk) => {
      buffer += chunk;
      for (;;) {
        const end = buffer.indexOf(inData ? '\r\n.\r\n' : '\r\n');
        if (end < 0) return;
        const part = buffer.slice(0, end);
        buffer = buffer.slice(end + (inData ? 5 : 2));
        if (inData) {
          inData = false;
          received.push({ to, data: part });
          reply('END', '250 kept');
          continue;
        }
        const command = part.split(/[ :]/)[0]!.toUpperCase();
        if (command === 'RCPT') to = /<(.*)>/.exec(part)?.[1] ?? '';
        if (command === 'DATA' && !answers.has('DATA')) {
          inData = true;
          socket.write('354 go on\r\n');
        } else reply(command, command === 'QUIT' ? '221 bye' : '250 ok');
      }
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer: (command, reply) => void answers.set(command, reply),
    close: () => new Promise((done) => server.close(() => done())),
  };
}

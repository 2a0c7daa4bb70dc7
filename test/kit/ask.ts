import { type Agent, request } from 'node:http';

export interface Asked {
  readonly status: number;
  readonly type: string | undefined;
  readonly location: string | undefined;
  readonly text: string;
}

/** One request as it is written: no cookie, no origin, no tidied address. */
export function ask(
  agent: Agent,
  url: string,
  method: string,
  target: string,
  headers: Record<string, string>,
  body?: string,
): Promise<Asked> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const bytes = body === undefined ? undefined : Buffer.from(body);
    const length = bytes ? { 'content-length': String(bytes.length) } : {};
    const options = { agent, hostname, port, path: target, method, headers: { ...headers, ...length } };
    const sent = request(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => {
        const { location, 'content-type': type } = response.headers;
        resolve({ status: response.statusCode!, type, location, text });
      });
    });
    sent.on('error', reject);
    sent.end(bytes);
  });
}

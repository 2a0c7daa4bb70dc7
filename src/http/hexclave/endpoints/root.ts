import { Type } from 'typebox';
import { plainText } from '../dress.ts';
import { endpoint } from '../endpoint.ts';

const title = (text: string): string => text[0]!.toUpperCase() + text.slice(1);

export const welcome = endpoint('GET /', {
  needs: 'nobody',
  operationId: 'root',
  summary: 'Who the server takes you for',
  tag: 'Root',
  replies: { 200: Type.String({ description: 'Text', contentMediaType: 'text/plain' }) },
  handle(call) {
    const user = call.live?.user;
    const facts =
      call.access === null
        ? 'Authentication: None'
        : `Authentication: ${title(call.access)}\n  Project: ${call.ctx.project.id}\n  User: ${user?.email?.value ?? user?.id ?? 'None'}`;
    return { status: 200, body: plainText(`${call.texts.welcome}\n\n${facts}`) };
  },
});

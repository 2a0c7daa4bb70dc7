import type { FastifyInstance } from 'fastify';
import { bodyText, formPairs, parsed } from './body-text.ts';

/** Bodies of HTML forms (URL Standard §5.1). A name that comes twice is a list. */
export function readForms(app: FastifyInstance): void {
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'buffer' }, (_request, body, done) =>
    parsed(done, () => formOf(bodyText(body as Buffer))),
  );
}

function formOf(text: string): Record<string, string | string[]> {
  const form: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of formPairs(text)) {
    const there = form[name];
    if (there === undefined) form[name] = value;
    else if (Array.isArray(there)) there.push(value);
    else form[name] = [there, value];
  }
  return form;
}

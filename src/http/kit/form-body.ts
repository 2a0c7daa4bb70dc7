import type { FastifyInstance } from 'fastify';
import { bodyText, formPairs, parsed } from './body-text.ts';

const formType = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;

/** Is this the type of an HTML form's body? Types are told in any case (RFC 9110 §8.3.1). */
export const isFormType = (contentType: string | undefined): boolean => formType.test(contentType ?? '');

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

import type { FastifyInstance } from 'fastify';

/** Bodies of HTML forms (URL Standard §5.1). A name that comes twice is a list. */
export function readForms(app: FastifyInstance): void {
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, formOf(body as string)),
  );
}

function formOf(text: string): Record<string, string | string[]> {
  const form: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of new URLSearchParams(text)) {
    const there = form[name];
    if (there === undefined) form[name] = value;
    else if (Array.isArray(there)) there.push(value);
    else form[name] = [there, value];
  }
  return form;
}

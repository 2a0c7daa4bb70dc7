import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../base/refusal.ts';
import type { RequestOrigin } from '../../core/actor.ts';
import type { Context } from '../../core/context.ts';
import type { MailCaptureReads } from '../../core/jobs/job.ts';
import { isTrustedOrigin } from '../../core/return-urls.ts';
import { type Answer, json } from '../kit/answer.ts';
import { originOf } from '../kit/call.ts';
import { drainBody, isTooLarge } from '../kit/drain-body.ts';
import { readForms } from '../kit/form-body.ts';
import { countAtFront, frontLimit } from '../kit/front-limit.ts';
import { logRefusal } from '../kit/log-refusal.ts';
import { send } from '../kit/send.ts';
import { isInsider } from '../ops/insider.ts';
import { type ApiDocument, docsPage } from './docs-page.ts';
import { homePage, type ShownDialect } from './home-page.ts';
import { invitationPage } from './invitation-page.ts';
import { newLinkPath, newLinkSubmit, tokenPageForm, tokenPageSubmit, tokenPages } from './mail-token-page.ts';
import { mailBody, mailboxPage, mailPage, mailWire } from './mailbox-pages.ts';
import { donePage, errorPage, notFoundPage } from './message-pages.ts';
import { documentPath, listPath, referencePage } from './reference-page.ts';
import { resetPasswordForm, resetPasswordSubmit } from './reset-password-page.ts';
import { findScalar, serveScalar } from './scalar.ts';
import { setupForm, setupSubmit } from './setup-page.ts';

export interface PagesDeps {
  /** Of the first project, whose pages are at `/-/`. */
  readonly ctx: Context;
  /** Of any project, by its key or id; their pages are below `/projects/<key>`. Null: there is none. */
  readonly ofProject: (named: string) => Promise<Context | null>;
  /** Kept mail of every project. */
  readonly mail: MailCaptureReads;
  readonly dialects: readonly (ShownDialect & { readonly name: string; readonly document: object })[];
  /** Mail is captured rather than sent. */
  readonly mailbox: boolean;
  readonly development: boolean;
  /** Front limits of the pages hold. */
  readonly limits: boolean;
  /** A dialect has the root: the start page stays below `/-/`. */
  readonly rootTaken: boolean;
}

/** The few pages that flows land on, and what a developer reads. No cookie, and no script but on the page of operations. */
export async function servePages(root: FastifyInstance, deps: PagesDeps): Promise<void> {
  const { ctx } = deps;
  const nonce = () => Buffer.from(ctx.random.bytes(16)).toString('base64url');
  const insider = (request: FastifyRequest) =>
    isInsider(request, { development: deps.development, publicUrl: ctx.publicUrl });

  await root.register(async (app) => {
    readForms(app);
    app.setErrorHandler(async (error, request, reply) => {
      if (isTooLarge(error)) await drainBody(request);
      if (error instanceof Refusal && error.code === 'too_many_requests') return send(reply, tooMany(error, nonce()));
      const status = (error as { statusCode?: number }).statusCode ?? 500;
      if (status >= 500) request.log.error({ err: error }, 'fault while showing a page');
      return send(reply, errorPage({ code: status >= 500 ? 'INTERNAL' : 'BAD_REQUEST', nonce: nonce(), ctx, status }));
    });

    const counted = (path: string) => {
      // What developers read is cheap, and the mailbox is asked again and again.
      const rule = frontLimit(ctx, deps.limits && path.includes('/-/'), path.replace('/projects/:project', ''));
      return rule ? { onRequest: (request: FastifyRequest) => countAtFront(ctx, rule, request) } : {};
    };
    const get = (url: string, show: (request: FastifyRequest) => Answer | Promise<Answer>) =>
      app.get(url, counted(`GET ${url}`), async (request, reply: FastifyReply) => sendPage(reply, await show(request)));
    const post = (url: string, take: (form: Form, from: RequestOrigin, request: FastifyRequest) => Promise<Answer>) =>
      app.post(url, counted(`POST ${url}`), async (request, reply) => {
        const { origin, 'sec-fetch-site': site } = request.headers;
        // Our pages send no referrer, so browsers hide the origin of their forms; they still say that it is this one.
        const ownForm = origin === 'null' && site === 'same-origin';
        if (origin !== undefined && !ownForm && !isTrustedOrigin(ctx, origin)) {
          return send(reply, errorPage({ code: 'INVALID_ORIGIN', nonce: nonce(), ctx, status: 403 }));
        }
        return sendPage(reply, await take(new Form(request.body), originOf(request), request));
      });

    get(deps.rootTaken ? '/-/' : '/', (request) =>
      homePage({ nonce: nonce(), dialects: deps.dialects, mailbox: deps.mailbox, insider: insider(request) }),
    );
    // Whoever has a link of a project that is gone has a dead link.
    const ofThatProject =
      (show: (ctx: Context, request: FastifyRequest) => Promise<Answer>) => async (request: FastifyRequest) => {
        const found = await deps.ofProject((request.params as { project: string }).project);
        return found ? show(found, request) : notFoundPage(nonce());
      };
    const getOfAny = (path: string, show: (ctx: Context, request: FastifyRequest) => Promise<Answer>) => {
      get(path, (request) => show(ctx, request));
      get(`/projects/:project${path}`, ofThatProject(show));
    };
    const postOfAny = (path: string, take: (ctx: Context, form: Form, from: RequestOrigin) => Promise<Answer>) => {
      post(path, (form, from) => take(ctx, form, from));
      post(`/projects/:project${path}`, (form, from, request) =>
        ofThatProject((found) => take(found, form, from))(request),
      );
    };

    get('/-/error', (request) => errorPage({ code: query(request, 'error'), nonce: nonce(), ctx }));
    get('/-/verified', () =>
      donePage({ title: 'E-mail verified', text: 'Thank you, your address is confirmed.', nonce: nonce(), ctx }),
    );
    getOfAny('/-/reset-password', (ctx, request) =>
      resetPasswordForm({ ctx, nonce: nonce(), token: query(request, 'token') }),
    );
    postOfAny('/-/reset-password', (ctx, form, from) =>
      resetPasswordSubmit({
        ctx,
        nonce: nonce(),
        from,
        token: form.text('token'),
        password: form.text('password'),
        again: form.text('again'),
      }),
    );
    for (const kind of tokenPages) {
      getOfAny(kind.path, (ctx, request) =>
        tokenPageForm(kind, { ctx, nonce: nonce(), from: originOf(request), token: query(request, 'token') }),
      );
      postOfAny(kind.path, (ctx, form, from) =>
        tokenPageSubmit(kind, { ctx, nonce: nonce(), from, token: form.text('token') }),
      );
    }
    postOfAny(newLinkPath, (ctx, form, from) =>
      newLinkSubmit({ ctx, nonce: nonce(), from, token: form.text('token') }),
    );
    getOfAny('/-/invitation', (ctx, request) => invitationPage({ ctx, nonce: nonce(), code: query(request, 'code') }));
    get('/-/setup', (request) => setupForm({ ctx, nonce: nonce(), token: query(request, 'token') }));
    post('/-/setup', (form, from) =>
      setupSubmit({
        ctx,
        nonce: nonce(),
        from,
        token: form.text('token'),
        email: form.text('email'),
        name: form.text('name'),
        password: form.text('password'),
      }),
    );
    const list = () =>
      docsPage({
        nonce: nonce(),
        documents: deps.dialects.map(({ documentUrl: url, document }) => ({ url, document: document as ApiDocument })),
      });
    const scalar = findScalar();
    get('/docs', () => (scalar ? referencePage({ nonce: nonce(), scalar, documents: deps.dialects }) : list()));
    get(listPath, list);
    for (const dialect of deps.dialects) get(documentPath(dialect.name), () => json(dialect.document));
    if (scalar) serveScalar(app, scalar);
    if (deps.mailbox) serveMailbox(get, deps.mail, nonce, insider);
  });
}

function sendPage(reply: FastifyReply, answer: Answer): FastifyReply {
  if (answer.refusal) logRefusal(reply.request, answer.refusal, 'Pages');
  return send(reply, answer);
}

function tooMany({ detail: { retryAfterSeconds = 60 } }: Refusal, nonce: string): Answer {
  const page = errorPage({ code: 'TOO_MANY_REQUESTS', nonce, ctx: null, status: 429 });
  return { ...page, headers: { ...page.headers, 'retry-after': String(retryAfterSeconds) } };
}

type Get = (url: string, show: (request: FastifyRequest) => Answer | Promise<Answer>) => void;

/** Only without SMTP, and only for whoever may see it: mail holds live links. */
function serveMailbox(
  get: Get,
  kept: MailCaptureReads,
  nonce: () => string,
  insider: (request: FastifyRequest) => boolean,
): void {
  const guarded = (url: string, show: (request: FastifyRequest) => Promise<Answer>) =>
    get(url, (request) => (insider(request) ? show(request) : notFoundPage(nonce())));
  const list = (request: FastifyRequest) => kept.list({ to: query(request, 'to') || undefined, limit: 100 });
  const find = (request: FastifyRequest) => kept.find((request.params as { id: string }).id);

  guarded('/dev/mail', async (request) => mailboxPage({ nonce: nonce(), mails: await list(request) }));
  guarded('/dev/mail.json', async (request) => ({ status: 200, body: (await list(request)).map(mailWire) }));
  guarded('/dev/mail/:id', async (request) => {
    const mail = await find(request);
    return mail ? mailPage({ nonce: nonce(), mail }) : notFoundPage(nonce());
  });
  guarded('/dev/mail/:id/body', async (request) => {
    const mail = await find(request);
    return mail ? mailBody(mail) : notFoundPage(nonce());
  });
}

/** Fields of a posted form; what is missing or doubled is empty text. */
class Form {
  readonly #fields: Readonly<Record<string, unknown>>;
  constructor(body: unknown) {
    this.#fields = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  }
  text(name: string): string {
    const value = this.#fields[name];
    return typeof value === 'string' ? value : '';
  }
}

function query(request: FastifyRequest, name: string): string {
  const value = (request.query as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : '';
}

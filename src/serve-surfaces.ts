import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Config, type DialectName, dialectNames } from './base/configuration.ts';
import type { Context } from './core/context.ts';
import { filesUrl } from './core/files/file-url.ts';
import type { MailCaptureReads } from './core/jobs/job.ts';
import { axumKit } from './http/axumkit/dialect.ts';
import { betterAuth } from './http/better-auth/dialect.ts';
import { clientUrl } from './http/client-url.ts';
import { serveFiles } from './http/files/serve-files.ts';
import { hexclave } from './http/hexclave/dialect.ts';
import type { Answer } from './http/kit/answer.ts';
import { corsHeaders } from './http/kit/cors.ts';
import type { Dialect } from './http/kit/dialect.ts';
import { openApiDocument } from './http/kit/openapi.ts';
import { serveDialect } from './http/kit/serve-dialect.ts';
import { type Place, placeOf } from './http/mount.ts';
import { answerUnknownPaths, type Territory } from './http/not-found.ts';
import { serveWellKnown } from './http/ops/well-known.ts';
import { errorPage, notFoundPage } from './http/pages/message-pages.ts';
import { servePages } from './http/pages/serve-pages.ts';
import type { OpenProject, OpenProjects } from './open-projects.ts';

// biome-ignore lint/suspicious/noExplicitAny: dialects differ in their calls and rows; the kit only passes them on
type AnyDialect = Dialect<any, any, any>;

/** A new dialect is one row here and one folder under `http/`. */
const makers: {
  readonly [name in DialectName]: (ctx: Context, project: OpenProject, place: Place, config: Config) => AnyDialect;
} = {
  'better-auth': (ctx, { configured }, place) =>
    betterAuth(ctx, { ...configured.betterAuth, baseUrl: `${place.url}/api/auth`, filesUrl: filesUrl(ctx) }),
  hexclave: (ctx, project, place) => hexclave({ ctx, project }, { ...project.configured.hexclave, baseUrl: place.url }),
  axumkit: (ctx, { configured }, place, { development }) =>
    axumKit(ctx, { ...configured.axumkit, baseUrl: place.url, development }),
};

export interface MountedDialect {
  readonly name: DialectName;
  readonly dialect: AnyDialect;
  readonly place: Place;
  readonly ctx: Context;
}

/** Dialects at their mounts, then the pages, then an answer for everything else. */
export async function serveSurfaces(
  http: FastifyInstance,
  config: Config,
  projects: OpenProjects,
  mail: MailCaptureReads,
): Promise<void> {
  const mounted = mountedDialects(config, projects);
  // A developer's three sign-ups in ten seconds are no attack. Limits of accounts, codes and hashing hold everywhere.
  const limits = config.http.limits && !config.development;
  const ownHost = new URL(config.http.publicUrl).host;
  const ownedByOthers = mounted.flatMap(({ place: { host } }) => (host === null || host === ownHost ? [] : [host]));
  for (const { dialect, place, ctx } of mounted) {
    const { bodyLimitBytes } = config.http;
    const { prefix, host } = place;
    await serveDialect(http, dialect, { ctx, prefix, host, ownedByOthers, bodyLimitBytes, limits });
  }

  serveFiles(http, async (id) => (await projects.find(id))?.context('pages') ?? null);

  const pages = projects.configured[0]!.context('pages');
  serveWellKnown(http, pages);
  const rootTaken = mounted.some(({ place }) => place.host === null && place.prefix === '');
  await servePages(http, {
    ctx: pages,
    async ofProject(named) {
      const configured = projects.configured.find(({ project }) => project.key === named);
      return (configured ?? (await projects.find(named)))?.context('pages') ?? null;
    },
    mail,
    mailbox: config.mail.smtpUrl === null,
    development: config.development,
    limits,
    rootTaken,
    dialects: mounted.map(({ name, dialect, place, ctx }) => ({
      name,
      title: dialect.title,
      url: clientUrl(name, place),
      documentUrl: `${place.url}/openapi.json`,
      get document() {
        return openApiDocument(dialect, ctx);
      },
    })),
  });

  const nonce = () => Buffer.from(pages.random.bytes(16)).toString('base64url');
  const territories: Territory[] = mounted.map(({ dialect, place, ctx }) => {
    const dressed = (answer: Answer, request: FastifyRequest): Answer =>
      dialect.dress?.(answer, request) ?? {
        ...answer,
        headers: { ...(!dialect.serveCors && corsHeaders(ctx, request)), ...answer.headers },
      };
    return {
      host: place.host,
      ownedByOthers,
      prefix: `${place.prefix}${dialect.territory ?? dialect.nativePrefix}`,
      notFound: (request) => dressed(dialect.notFound(request), request),
      undecodable: (request) => dressed(dialect.malformed({ kind: 'text', part: 'path' }, request), request),
    };
  });
  const elsewhere: Territory = {
    ...{ host: null, ownedByOthers: [], prefix: '', notFound: () => notFoundPage(nonce()) },
    undecodable: () => errorPage({ code: 'BAD_REQUEST', nonce: nonce(), ctx: null, status: 400 }),
  };
  answerUnknownPaths(http, [...territories, elsewhere]);
}

function mountedDialects(config: Config, projects: OpenProjects): MountedDialect[] {
  return dialectNames.flatMap((name) => {
    const mount = config.mounts[name];
    if (mount.kind === 'off') return [];
    const project = projects.configured.find(({ configured }) => configured.key === mount.project)!;
    const place = placeOf(mount, config.http.publicUrl);
    const ctx = project.context(name);
    return [{ name, ctx, place, dialect: makers[name](ctx, project, place, config) }];
  });
}

import type { FastifyInstance } from 'fastify';
import { type PasskeyApp, passkeyApp } from '../../base/passkey-app.ts';
import type { Context } from '../../core/context.ts';

/** What a relying party says of itself, for browsers and devices to read. Each is there when it says something. */
export function serveWellKnown(app: FastifyInstance, ctx: Context): void {
  const documents: Readonly<Record<string, (ctx: Context) => object | null>> = {
    webauthn: relatedOrigins,
    'assetlinks.json': assetLinks,
    'apple-app-site-association': appleAssociation,
  };
  for (const [name, document] of Object.entries(documents)) {
    app.get(`/.well-known/${name}`, (_request, reply) => {
      const said = document(ctx);
      if (said === null) return reply.callNotFound();
      return reply.type('application/json').send(JSON.stringify(said));
    });
  }
}

/** Other sites whose pages may use these passkeys (WebAuthn Level 3 §5.11). Browsers read a few names and no wildcards. */
function relatedOrigins(ctx: Context): object | null {
  const { redirects, passkeys } = ctx.project.policy;
  const own = passkeys.rpId ?? new URL(ctx.publicUrl).hostname;
  const origins = redirects.origins
    .filter((origin) => origin.startsWith('https://') && !origin.includes('*'))
    .map((origin) => new URL(origin))
    .filter(({ hostname }) => hostname !== own && !hostname.endsWith(`.${own}`))
    .map(({ origin }) => origin);
  return origins.length === 0 ? null : { origins };
}

const appsOf = <P extends PasskeyApp['platform']>(ctx: Context, platform: P) =>
  ctx.project.policy.passkeys.apps
    .map(passkeyApp)
    .filter((app): app is Extract<PasskeyApp, { platform: P }> => app?.platform === platform);

/** Digital Asset Links: which Android packages belong to this name. */
function assetLinks(ctx: Context): object | null {
  const apps = appsOf(ctx, 'android');
  if (apps.length === 0) return null;
  return apps.map(({ name, fingerprint }) => ({
    relation: ['delegate_permission/common.handle_all_urls', 'delegate_permission/common.get_login_creds'],
    target: { namespace: 'android_app', package_name: name, sha256_cert_fingerprints: [fingerprint] },
  }));
}

/** Associated Domains of Apple: which applications may use the credentials of this name. */
function appleAssociation(ctx: Context): object | null {
  const apps = appsOf(ctx, 'apple').map(({ name }) => name);
  return apps.length === 0 ? null : { webcredentials: { apps } };
}

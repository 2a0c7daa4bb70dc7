import { domainToASCII } from 'node:url';
import { Refusal } from '../base/refusal.ts';
import type { Context } from './context.ts';

declare const trusted: unique symbol;

/**
 * An address that a browser may be sent to: checked, and in ASCII, as headers want it. Only this file makes one, so what
 * a caller sent does not reach a header or a mail by another way.
 */
export type TrustedUrl = string & { readonly [trusted]: true };

declare const landing: unique symbol;

/**
 * A whole address for a browser to land on. What was given as a path has been resolved against the application's address:
 * applications mean a place of their own by it, which is not here.
 */
export type LandingUrl = TrustedUrl & { readonly [landing]: true };

type Where = Pick<Context, 'project' | 'publicUrl' | 'surfaceUrl'>;

const maxLength = 2048;
/** Characters that browsers drop or turn into something else while they read an address, and spaces of any kind. */
const treacherous = /[\p{Cc}\p{Cf}\p{Z}\\]/u;
/** Schemes that run or show what they carry: never an application's own. */
const neverAScheme = new Set(['javascript', 'data', 'vbscript', 'file', 'blob', 'about', 'view-source', 'filesystem']);

/**
 * The one test of every address a browser is sent to after a flow (rule 19, core map W8).
 * @param field what core calls the input, for the wording of the refusal
 * @returns the address, in ASCII
 * @throws Refusal return_url_untrusted
 */
export function checkReturnUrl(ctx: Where, url: string, field: string): TrustedUrl {
  const checked = url.startsWith('/') ? samePlace(ctx, url) : trustedAddress(ctx, url);
  if (checked === null) throw new Refusal('return_url_untrusted', { field, given: url });
  return checked as TrustedUrl;
}

/**
 * The same for addresses that get a code bound to its client's challenge: applications on a device are reached by the
 * schemes of their platform, too.
 * @throws Refusal return_url_untrusted
 */
export function checkCodeReturn(ctx: Where & Pick<Context, 'surface'>, url: string, field: string): TrustedUrl {
  const safe = url.length <= maxLength && !treacherous.test(url) && !url.includes('@') && URL.canParse(url);
  const native = safe && ctx.surface.nativeSchemes.some((scheme) => url.toLowerCase().startsWith(`${scheme}://`));
  return native ? (inAscii(url, new URL(url).href) as TrustedUrl) : checkReturnUrl(ctx, url, field);
}

/** The same, where an address that is not trusted is none. */
export function trustedCodeReturn(ctx: Where & Pick<Context, 'surface'>, url: string): TrustedUrl | null {
  try {
    return checkCodeReturn(ctx, url, 'redirect_uri');
  } catch (fault) {
    if (fault instanceof Refusal) return null;
    throw fault;
  }
}

/** An address of this server, from its configuration. */
export const ownUrl = (configuredUrl: string, path: string): LandingUrl => `${configuredUrl}${path}` as LandingUrl;

/** The start page of the application. */
export const homePath = '/' as TrustedUrl;

/**
 * Where a checked address leads. A path is one of the application's: of its configured address, else of the origin that
 * asked, which is trusted; null when neither is known.
 */
export function landingUrl(
  { project }: Pick<Context, 'project'>,
  /** An origin. */
  asking: string | null,
  url: TrustedUrl,
): LandingUrl | null {
  if (!url.startsWith('/')) return url as LandingUrl;
  const base = project.appUrl ?? asking;
  return base === null ? null : ownUrl(base, url);
}

/**
 * Puts more into the query of a checked address; what stands there stays as it is spelled, and so does the fragment.
 * @param space how a space is written, which is the wire's to say
 */
export function withQuery<T extends TrustedUrl>(
  url: T,
  values: Readonly<Record<string, string>>,
  space: '+' | '%20' = '+',
): T {
  const [address = '', ...fragment] = url.split('#');
  const joint = address.includes('?') ? (/[?&]$/.test(address) ? '' : '&') : '?';
  const more = new URLSearchParams(values).toString().replaceAll('+', space);
  return [`${address}${joint}${more}`, ...fragment].join('#') as T;
}

/** Where a code goes has no fragment (RFC 6749 §3.1.2). */
export const withoutFragment = <T extends string>(url: T): T => url.split('#', 1)[0]! as T;

/** Is this the value of an Origin header that requests may come from? Exactly an origin: no path, no user. */
export function isTrustedOrigin(ctx: Where, origin: string): boolean {
  if (origin.length > maxLength || treacherous.test(origin) || !URL.canParse(origin)) return false;
  const url = new URL(origin);
  if (!isWeb(url)) return !/[?#]/.test(origin) && matchesOwnScheme(ctx, url, origin);
  return url.origin === origin.toLowerCase() && matchesOrigin(ctx, url);
}

/** A path on the host that asked. What browsers could read as another host is refused, before and after resolving. */
function samePlace(ctx: Where, path: string): string | null {
  if (path.length > maxLength || treacherous.test(path) || opensHost(path)) return null;
  const base = new URL(ctx.surfaceUrl);
  if (!URL.canParse(path, base.href)) return null;
  const url = new URL(path, base.href);
  if (url.origin !== base.origin || opensHost(url.pathname)) return null;
  return inAscii(path, url.pathname + url.search + url.hash);
}

const opensHost = (path: string): boolean => /^\/(?:\/|%2f|%5c)/i.test(path);

function trustedAddress(ctx: Where, text: string): string | null {
  if (text.length > maxLength || treacherous.test(text) || !URL.canParse(text)) return null;
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(text)?.[1];
  // `https:host` and an empty host are addresses to some readers and paths to others; `@` hides the real host.
  if (authority === undefined || authority.includes('@')) return null;
  const url = new URL(text);
  const trusted = isWeb(url) ? authority !== '' && matchesOrigin(ctx, url) : matchesOwnScheme(ctx, url, text);
  if (!trusted) return null;
  return inAscii(text, url.href);
}

const isWeb = (url: URL): boolean => url.protocol === 'https:' || url.protocol === 'http:';
/** What was written, where it can go out as it is; else as a browser spells it. */
const inAscii = (written: string, normal: string): string => (/^[\x21-\x7e]*$/.test(written) ? written : normal);

function matchesOrigin(ctx: Where, url: URL): boolean {
  if (url.origin === new URL(ctx.publicUrl).origin || url.origin === new URL(ctx.surfaceUrl).origin) return true;
  if (ctx.project.appUrl !== null && url.origin === new URL(ctx.project.appUrl).origin) return true;
  const { origins, localhost } = ctx.project.policy.redirects;
  return (localhost && isThisMachine(url.hostname)) || origins.some((pattern) => originMatches(pattern, url));
}

const isThisMachine = (host: string): boolean =>
  /^(?:(?:[a-z0-9-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(host);

/** `https://app.example.com`, `https://*.example.com`, `https://**.example.com:8443`. Wildcards in the host only. */
function originMatches(pattern: string, url: URL): boolean {
  const parts = /^(https?):\/\/([^/?#@:[\]]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?\/?$/i.exec(pattern);
  if (!parts) return false;
  const [, scheme = '', host = '', port = ''] = parts;
  if (`${scheme.toLowerCase()}:` !== url.protocol) return false;
  if (!host.includes('*')) {
    const written = `${scheme}://${host}${port && `:${port}`}`;
    return URL.canParse(written) && new URL(written).origin === url.origin;
  }
  const defaultPort = url.protocol === 'https:' ? '443' : '80';
  return (port || defaultPort) === (url.port || defaultPort) && hostPattern(host).test(url.hostname);
}

/** `*` stands for characters of one label, `**` for one label or several. */
function hostPattern(host: string): RegExp {
  const labels = host.split('.').map((label) => {
    if (label === '**') return '[a-z0-9_-]+(?:\\.[a-z0-9_-]+)*';
    if (!label.includes('*')) return escaped(domainToASCII(label) || label.toLowerCase());
    return label.toLowerCase().split(/\*+/).map(escaped).join('[a-z0-9_-]+');
  });
  return new RegExp(`^${labels.join('\\.')}$`);
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Applications' own schemes: `myapp://` (any host), `myapp://callback`, `myapp://callback/signed-in`. */
function matchesOwnScheme(ctx: Where, url: URL, text: string): boolean {
  const scheme = url.protocol.slice(0, -1);
  if (neverAScheme.has(scheme) || url.username !== '' || url.password !== '') return false;
  if (!text.toLowerCase().startsWith(`${scheme}://`)) return false;
  return ctx.project.policy.redirects.origins.some((pattern) => {
    const [, patternScheme, rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/i.exec(pattern) ?? [];
    if (patternScheme?.toLowerCase() !== scheme) return false;
    if (rest === '') return true;
    if (!URL.canParse(pattern)) return false;
    const pin = new URL(pattern);
    // Both paths are resolved, so `..` does not climb out of the pinned one.
    const path = pin.pathname.replace(/\/$/, '');
    const below = url.pathname === path || url.pathname.startsWith(`${path}/`);
    return pin.host.toLowerCase() === url.host.toLowerCase() && (path === '' || below);
  });
}

import type { Config, DialectName } from './base/configuration.ts';
import { profileOf, surfaceUrl } from './open-projects.ts';

/** Dialects whose sessions are in cookies, and those whose passkeys are made for the server's name. */
const inCookies: readonly DialectName[] = ['better-auth', 'axumkit'];
const withPasskeys: readonly DialectName[] = ['better-auth'];

export interface ApplicationProblem {
  readonly problem: string;
  readonly mend: string;
}

/**
 * What browsers will refuse to the configured applications, without a word to the server: cookies of another site, and
 * passkeys for a name that is not above the application's.
 */
export async function applicationProblems(config: Config): Promise<readonly ApplicationProblem[]> {
  const problems: ApplicationProblem[] = [];
  for (const surface of inCookies) {
    const mount = config.mounts[surface];
    if (mount.kind === 'off') continue;
    const project = config.projects.find(({ key }) => key === mount.project)!;
    const own = new URL(surfaceUrl(config, surface));
    const rpId = (project.policy['passkeys.rpId'] as string | null | undefined) ?? null;
    const passkeys = withPasskeys.includes(surface) && profileOf(surface, project).passkeys.relyingParty === 'surface';
    const origins = webOrigins(project.policy['redirects.origins']);
    for (const { named, url } of origins.length > 0 ? origins : [{ named: own.origin, url: own }]) {
      if (!(await sameSite(url, own))) {
        problems.push({
          problem: `${named} is another site than ${own.origin} (${surface}): browsers drop our cookies there, and passkeys for it cannot be made`,
          mend: 'Serve both below one domain and by one scheme, or use the bearer token in that application',
        });
      } else if (passkeys && !(await mayName(url, rpId ?? own.hostname))) {
        problems.push({
          problem: `Passkeys are for ${rpId ?? own.hostname}, and browsers make none for it on pages of ${named}`,
          mend: `Set passkeys.rpId to ${(await domainOf(url.hostname)) ?? url.hostname} before anybody makes a passkey: it cannot be changed later`,
        });
      }
    }
  }
  return problems;
}

/** Applications on the web, a wildcard standing for one of its hosts. */
function webOrigins(named: unknown): readonly { readonly named: string; readonly url: URL }[] {
  return ((named as readonly string[] | undefined) ?? []).flatMap((origin) => {
    const example = origin.replaceAll(/\*+/g, 'x');
    return /^https?:\/\//.test(example) && URL.canParse(example) ? [{ named: origin, url: new URL(example) }] : [];
  });
}

/** Browsers compare scheme and registrable domain, and look at no port. */
async function sameSite(one: URL, other: URL): Promise<boolean> {
  if (one.protocol !== other.protocol) return false;
  if (one.hostname === other.hostname) return true;
  const domain = await domainOf(one.hostname);
  return domain !== null && domain === (await domainOf(other.hostname));
}

/** May pages of a host make passkeys for a name (WebAuthn Level 3 §5.1.3)? */
async function mayName({ hostname }: URL, rpId: string): Promise<boolean> {
  return hostname === rpId || (hostname.endsWith(`.${rpId}`) && (await domainOf(rpId)) !== null);
}

/** The list of public suffixes is loaded only where something is compared with it. */
async function domainOf(hostname: string): Promise<string | null> {
  const { getDomain } = await import('tldts');
  return getDomain(hostname, { allowPrivateDomains: true });
}

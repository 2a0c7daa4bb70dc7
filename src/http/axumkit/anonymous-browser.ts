import type { FastifyRequest } from 'fastify';
import { opaqueToken, type Random } from '../../base/random.ts';
import { anonymousCookie, cookieLine } from './cookies.ts';
import type { AxumKitSettings } from './settings.ts';

/** What a browser is known by before anybody signs in. It binds provider flows to the browser that began them (rule 7). */
export interface AnonymousBrowser {
  readonly id: string;
  /** The cookie for a browser that had none yet. */
  readonly setCookie: string | null;
}

const yearSeconds = 31_536_000;
/** A longer value is no cookie of ours, and is kept nowhere. */
const longest = 512;

/** Every request has one, also those that end in an error; a value that was shown is taken as it is (spec §1.2). */
export function anonymousBrowsers(random: Random, settings: Pick<AxumKitSettings, 'cookieDomain'>) {
  const known = new WeakMap<FastifyRequest, AnonymousBrowser>();
  return (request: FastifyRequest, shown: string | undefined): AnonymousBrowser => {
    let browser = known.get(request);
    if (!browser) {
      if (shown !== undefined && shown !== '' && shown.length <= longest) browser = { id: shown, setCookie: null };
      else {
        const id = opaqueToken(random);
        browser = { id, setCookie: cookieLine(settings, anonymousCookie, id, yearSeconds) };
      }
      known.set(request, browser);
    }
    return browser;
  };
}

export type AnonymousBrowsers = ReturnType<typeof anonymousBrowsers>;

import { allowInsecureRequests, customFetch } from 'oauth4webapi';
import type { GuardedFetch } from './guarded-fetch.ts';

interface LibraryRequest {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

/** Options that make the protocol library speak through the guard, which itself decides about plain http. */
export const libraryFetch = (fetch: GuardedFetch) => ({
  [allowInsecureRequests]: true,
  [customFetch]: (url: string, request: LibraryRequest): Promise<Response> =>
    fetch(url, {
      method: request.method ?? 'GET',
      headers: request.headers ?? {},
      ...(request.body !== undefined && request.body !== null && { body: String(request.body) }),
    }),
});

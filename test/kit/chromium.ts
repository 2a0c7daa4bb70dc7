import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { build } from 'vite';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** False where there is no Chromium; in CI that fails. */
export function chromiumIsThere(): boolean {
  if (existsSync(executablePath)) return true;
  if (process.env.CI === 'true') throw new Error(`Chromium must be at ${executablePath} in CI`);
  console.warn(`\n!!! NO CHROMIUM AT ${executablePath}: TESTS IN A REAL BROWSER ARE SKIPPED !!!\n`);
  return false;
}

/** @param hosts resolved to this machine, such as `*.example.test` */
export const launchChromium = (hosts?: string): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...(hosts === undefined ? [] : [`--host-resolver-rules=MAP ${hosts} 127.0.0.1`]),
    ],
  });

/** A TypeScript file with its imports as one classic script, built as applications are for production. */
export async function bundle(entry: string): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: { write: false, target: 'esnext', lib: { entry, formats: ['iife'], name: 'page', fileName: 'page' } },
  });
  const [{ output }] = result as unknown as [{ output: [{ code: string }] }];
  return `var process = { env: {} };\n${output[0].code}`; // libraries look for what is set in it
}

/** A device that makes passkeys and signs with them, and whose owner always agrees. */
export async function addAuthenticator(context: BrowserContext, page: Page): Promise<void> {
  const devtools = await context.newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

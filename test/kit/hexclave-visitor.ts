import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import { addAuthenticator } from './chromium.ts';
import type { HexclaveProject } from './hexclave.ts';
import type { StaticSite } from './static-site.ts';

/** For what the page does by itself after a step. */
export const soon = { timeout: 15_000 };

/** A component that is on the page while its person signs out asks for them before it is taken away. */
export const askedOnceMore = ['CANNOT_GET_OWN_USER_WITHOUT_USER', 'USER_AUTHENTICATION_REQUIRED'];

/** Somebody in front of a browser of their own, at an application made of the components. */
export class Visitor {
  /** What an application's developer would see as wrong: requests, errors of the page and the console, alerts. */
  readonly troubles: string[] = [];
  /** What the page asked the server for, as `GET /users/me`. */
  readonly asked = new Set<string>();
  /** Codes of errors that the test wants. */
  explained: readonly string[] = [];

  readonly page: Page;
  private readonly site: StaticSite;
  private readonly project: HexclaveProject;
  private readonly pages: boolean;

  private constructor(page: Page, site: StaticSite, project: HexclaveProject, pages: boolean) {
    this.page = page;
    this.site = site;
    this.project = project;
    this.pages = pages;
  }

  /** @param pages the application loads a page at each address, in place of changing the one that is there */
  static async open(chromium: Browser, site: StaticSite, project: HexclaveProject, { pages = false } = {}) {
    const context = await chromium.newContext({ viewport: { width: 1000, height: 700 } });
    if (pages) await context.addInitScript("if (location.host) localStorage.setItem('pages', 'yes')");
    const page = await context.newPage();
    page.setDefaultTimeout(soon.timeout);
    const visitor = new Visitor(page, site, project, pages);
    visitor.listen();
    await addAuthenticator(context, page);
    await withoutPayments(context, page);
    await visitor.come();
    return visitor;
  }

  /** To the page where people sign in. */
  come = () => this.follow(`${this.site.origin}/handler/sign-in`);

  private listen() {
    const { page, troubles } = this;
    page.on('pageerror', (fault) => troubles.push(`page: ${fault}`));
    page.on('console', (message) => {
      if (message.type() === 'error') troubles.push(`console: ${message.text()}`);
    });
    page.on('dialog', (dialog) => {
      troubles.push(`alert: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('response', (response) => {
      const { pathname } = new URL(response.url());
      const headers = response.headers();
      const status = Number(headers['x-stack-actual-status'] ?? response.status());
      const error = headers['x-stack-known-error'] ?? 'no known error';
      const request = `${response.request().method()} ${pathname.replace(/^\/hexclave\/api\/(?:v1|latest)/, '')}`;
      this.asked.add(request.replaceAll(/[0-9a-f-]{36}/g, ':id'));
      if (status >= 400 && !this.explained.includes(error)) troubles.push(`${request} answered ${status} ${error}`);
    });
  }

  /** Leaves, when nothing went wrong meanwhile, a browser that knows nobody. Whoever comes next has its compiled script. */
  async close() {
    await this.page.evaluate('localStorage.clear(), sessionStorage.clear()');
    await this.page.goto('about:blank');
    await this.page.context().clearCookies();
    expect(this.troubles).toEqual([]);
    this.asked.clear();
    this.explained = [];
  }

  /** As the application goes there itself. */
  async at(path: string) {
    if (this.pages) await this.follow(this.site.origin + path);
    else await this.page.evaluate(`navigate(${JSON.stringify(path)})`);
  }
  handler = (name: string) => this.at(`/handler/${name}`);
  settings = (name: string) => this.handler(`account-settings#${name}`);
  /** By a link from elsewhere; again where the page was on a way of its own. */
  follow = (link: string) => vi.waitFor(() => this.page.goto(link), soon);

  /** What the application itself asks of the client. */
  client = <T>(work: string): Promise<T> => this.page.evaluate<T>(`app.${work}`);

  /** What is said on the page; a menu stands there twice, for narrow windows and for wide ones. */
  says = (text: string | RegExp) => seen(this.page.getByText(text)).first().waitFor();
  button = (name: string | RegExp) => seen(this.page.getByRole('button', { name, exact: true })).last();
  press = (name: string | RegExp) => this.button(name).click();
  fill = (selector: string, value: string) => seen(this.page.locator(selector)).last().fill(value);
  choose = (item: string) => this.page.getByRole('menuitem', { name: item }).click();
  /** The row of a table that says something. */
  row = (text: string) => this.page.getByRole('row').filter({ hasText: text, visible: true });
  openMenuOf = (text: string) => this.row(text).getByRole('button', { name: 'Open menu' }).click();

  /** A text beside a pencil. */
  async editText(text: string, changed: string) {
    const pencils = seen(this.page.getByRole('button').filter({ has: this.page.locator('svg.lucide-square-pen') }));
    const own = this.page.locator('div').filter({ hasText: text, has: pencils }).last();
    await own.getByRole('button').last().click();
    await this.button('Save').locator('xpath=..').locator('input').fill(changed);
    await this.press('Save');
    await this.says(changed);
  }

  /** What somebody does makes the page ask the server for a change, which is waited for. */
  answered(method: 'POST' | 'PATCH', doing: () => Promise<void>) {
    const change = this.page.waitForResponse(
      (response) => response.request().method() === method && !response.url().includes('/analytics/'),
    );
    return Promise.all([change, doing()]);
  }

  /**
   * At the page of the application that shows who is signed in, or that nobody is. The form and the component around it both
   * send somebody home who has signed in; a page that is loaded anew knows of neither.
   */
  async isHome() {
    const home = `${this.site.origin}/`;
    await this.page.waitForURL(home, { waitUntil: 'commit' });
    if (!this.pages) await this.follow(home);
    await this.page.locator('main button').first().waitFor();
  }

  /** Signs in without the components. */
  async enter(email: string, password: string) {
    const person = JSON.stringify({ email, password, noRedirect: true });
    expect(await this.client(`signInWithCredential(${person})`)).toMatchObject({ status: 'ok' });
  }

  async signIn(email: string, secret: string) {
    await this.handler('sign-in');
    await this.page.getByRole('tab', { name: 'Email & Password' }).click();
    await this.fill('#email', email);
    await this.fill('#password', secret);
    await this.press('Sign In');
  }

  async signOut() {
    this.explained = [...this.explained, ...askedOnceMore];
    await this.handler('sign-out');
    await this.isHome();
  }

  /** The newest link to the application in the mail of an address. */
  async linkIn(to: string): Promise<string> {
    const [mail] = await this.project.mails(to);
    const link = mail?.text.split(/\s/).find((word) => word.startsWith(this.site.origin));
    if (!link) throw new Error(`no link in the mail to ${to}`);
    return link;
  }
}

const seen = (found: Locator): Locator => found.filter({ visible: true });

/**
 * The library of the payments form comes from elsewhere, whether a form is shown or not. Routes of the browser's driver would
 * switch the browser's cache off.
 */
async function withoutPayments(context: BrowserContext, page: Page) {
  const devtools = await context.newCDPSession(page);
  devtools.on('Fetch.requestPaused', ({ requestId }) => {
    const responseHeaders = [{ name: 'content-type', value: 'text/javascript' }];
    void devtools
      .send('Fetch.fulfillRequest', { requestId, responseCode: 200, responseHeaders })
      .catch(() => undefined);
  });
  await devtools.send('Fetch.enable', { patterns: [{ urlPattern: 'https://js.stripe.com/*' }] });
}

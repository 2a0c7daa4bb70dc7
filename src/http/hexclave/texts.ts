/** Words that changed when the product was renamed (spec §1.12, generation-dependent texts). */
export interface Texts {
  readonly legacy: boolean;
  readonly product: string;
  readonly keyWithoutAccessType: string;
  invalidAccessType(type: string): string;
  accessTypeWithoutProject(type: string): string;
  readonly accessTypeRequired: string;
  insufficientAccessType(actual: string, allowed: readonly string[]): string;
  projectNotFound(id: string): string;
  readonly redirectUrl: string;
  readonly welcome: string;
  unknownRoute(url: string): string;
}

const legacyDocs =
  'For more information, see the docs on REST API authentication: https://docs.stack-auth.com/rest-api/overview#authentication';
const docs =
  'For more information, see the docs on REST API authentication: https://docs.hexclave.com/api/overview#authentication';
const alsoType = '(The legacy x-stack-access-type header is also accepted.)';

const quoted = (types: readonly string[]): string => types.map((type) => `'${type}'`).join(' or ');

const legacyTexts: Texts = {
  legacy: true,
  product: 'Stack',
  keyWithoutAccessType:
    "Either an API key or an admin access token was provided, but the x-stack-access-type header is missing. Set it to 'client', 'server', or 'admin' as appropriate.",
  invalidAccessType: (type) =>
    `The x-stack-access-type header must be 'client', 'server', or 'admin', but was '${type}'.`,
  accessTypeWithoutProject: (type) =>
    `The x-stack-access-type header was '${type}', but the x-stack-project-id header was not provided.\n\n${legacyDocs}`,
  accessTypeRequired: `You must specify an access level for this Stack project. Make sure project API keys are provided (eg. x-stack-publishable-client-key) and you set the x-stack-access-type header to 'client', 'server', or 'admin'.\n\n${legacyDocs}`,
  insufficientAccessType: (actual, allowed) =>
    `The x-stack-access-type header must be ${quoted(allowed)}, but was '${actual}'.`,
  projectNotFound: (id) =>
    `The current project with ID ${id} was not found. Please check the value of the x-stack-project-id header.`,
  redirectUrl:
    'Redirect URL not whitelisted. Did you forget to add this domain to the trusted domains list on the Stack Auth dashboard?',
  welcome: 'Welcome to the Stack API endpoint! Please refer to the documentation at https://docs.stack-auth.com.',
  unknownRoute: (url) =>
    `404 — this page does not exist in Stack Auth's API.\n\nPlease see the API documentation at https://docs.stack-auth.com, or visit the Stack Auth dashboard at https://app.stack-auth.com.\n\nURL: ${url}`,
};

const currentTexts: Texts = {
  legacy: false,
  product: 'Hexclave',
  keyWithoutAccessType: `Either an API key or an admin access token was provided, but the x-hexclave-access-type header is missing. Set it to 'client', 'server', or 'admin' as appropriate. ${alsoType}`,
  invalidAccessType: (type) =>
    `The x-hexclave-access-type header must be 'client', 'server', or 'admin', but was '${type}'. ${alsoType}`,
  accessTypeWithoutProject: (type) =>
    `The x-hexclave-access-type header was '${type}', but the x-hexclave-project-id header was not provided. (The legacy x-stack-access-type and x-stack-project-id headers are also accepted.)\n\n${docs}`,
  accessTypeRequired: `You must specify an access level for this Hexclave project. Make sure project API keys are provided (eg. x-hexclave-publishable-client-key) and you set the x-hexclave-access-type header to 'client', 'server', or 'admin'. (The legacy x-stack-* equivalents are also accepted.)\n\n${docs}`,
  insufficientAccessType: (actual, allowed) =>
    `The x-hexclave-access-type header must be ${quoted(allowed)}, but was '${actual}'. ${alsoType}`,
  projectNotFound: (id) =>
    `The current project with ID ${id} was not found. Please check the value of the x-hexclave-project-id header. (The legacy x-stack-project-id header is also accepted.)`,
  redirectUrl:
    'Redirect URL not whitelisted. Did you forget to add this domain to the trusted domains list on the Hexclave dashboard?',
  welcome: 'Welcome to the Hexclave API endpoint! Please refer to the documentation at https://docs.hexclave.com/',
  unknownRoute: (url) =>
    `404 — this page does not exist in Hexclave's API.\n\nPlease see the API documentation at https://docs.hexclave.com, or visit the Hexclave dashboard at https://app.hexclave.com.\n\nURL: ${url}`,
};

export const textsOf = (generation: 'current' | 'legacy'): Texts =>
  generation === 'legacy' ? legacyTexts : currentTexts;

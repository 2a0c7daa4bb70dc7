import { fieldName, list, onOff, record, text, url, webPage } from './forms.ts';
import { key } from './section.ts';

/** Of one provider. */
export const providerKeys = {
  type: key<string | null>({
    form: text('a provider type'),
    default: null,
    defaultWords: 'the key, if it is a known type; else oidc',
    says: 'What kind of provider it is.',
  }),
  displayName: key<string | null>({ form: text('a name'), default: null, says: 'What the sign-in page calls it.' }),
  clientId: key<readonly string[]>({
    form: list('client ids', (part) => part),
    default: [],
    says: 'Client id, or several: the first is used in redirects, all are accepted as audience of ID tokens. Required.',
  }),
  clientSecret: key<string | null>({
    form: text('a client secret'),
    default: null,
    secret: 'value',
    says: 'Client secret, or `{"env": "NAME"}`.',
  }),
  issuer: key<string | null>({
    form: url('an issuer such as https://id.example.com', ['https:', 'http:']),
    default: null,
    says: 'OIDC issuer. Required for type `oidc`.',
  }),
  scopes: key<readonly string[]>({
    form: list('scopes', (part) => (/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(part) ? part : undefined)),
    default: [],
    defaultWords: 'those of the type',
    says: 'Scopes to ask for.',
  }),
  trusted: key<boolean | null>({
    form: onOff,
    default: null,
    defaultWords: 'by type',
    says: 'Whether its word that an address is verified may link a person to an existing account.',
  }),
  signUp: key({ form: onOff, default: true, says: 'New people may come by it.' }),
  implicitSignUp: key({ form: onOff, default: true, says: 'Signing in makes the account when there is none.' }),
  allowSignIn: key({ form: onOff, default: true, says: 'It may be used to sign in.' }),
  allowConnect: key({ form: onOff, default: true, says: 'Signed-in people may connect it.' }),
  requireVerifiedEmail: key({ form: onOff, default: false, says: 'Refuses people whose address it did not verify.' }),
  refreshProfile: key({ form: onOff, default: false, says: 'Every sign-in updates name and picture.' }),
  disableProviderLogout: key({
    form: onOff,
    default: false,
    says: 'Better Auth’s `signOut()` ends the session here only, also where the provider has an end-session page.',
  }),
  postLogoutRedirectUri: key<string | null>({
    form: webPage,
    default: null,
    says: 'Where that page sends people back to when `signOut()` names no `callbackURL`, as registered at the provider.',
  }),
  settings: key<Readonly<Record<string, string>>>({
    form: record('an object of names with text', fieldName, text('text', /^[\s\S]+$/)),
    default: {},
    refersBelow: true,
    says: 'What only this type has: `tenant`, `hostedDomain`, `teamId`, endpoints to override.',
  }),
};

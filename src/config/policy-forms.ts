import { wildcardIsSafe } from '../base/host-wildcard.ts';
import { isInheritedName } from '../base/text.ts';
import { isProjectPermission } from '../core/permissions/project-permissions.ts';
import { mostSignUpRules, type SignUpRule } from '../core/users/judge-sign-up.ts';
import { type Form, form, isPlainObject } from './forms.ts';

const maxPatternLength = 200;

/** Whole names only, and never `@`: a sign-in name with it is an e-mail address. */
export const usernamePattern: Form<RegExp> = form('a regular expression from ^ to $ that does not allow @', (given) => {
  const source = given instanceof RegExp ? given.source : given;
  if (typeof source !== 'string' || source.length > maxPatternLength) return undefined;
  if (!source.startsWith('^') || !source.endsWith('$')) return undefined;
  try {
    const pattern = new RegExp(source, 'u');
    return ['@', 'a@b', 'alice@example.com'].some((name) => pattern.test(name)) ? undefined : pattern;
  } catch {
    return undefined;
  }
});

export const reservedName = (name: string): string | undefined =>
  /^\S{1,64}$/u.test(name) ? name.toLowerCase() : undefined;

/** Schemes that run what they carry. */
const neverAScheme = new Set(['javascript', 'data', 'vbscript', 'file', 'blob', 'about']);

/** `https://app.example.com`, `https://*.example.com`, `myapp://callback`. */
export function originPattern(pattern: string): string | undefined {
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/([^\s\p{Cc}]*)$/iu.exec(pattern) ?? [];
  if (scheme === undefined || neverAScheme.has(scheme.toLowerCase())) return undefined;
  if (!/^https?$/i.test(scheme)) return rest.includes('*') ? undefined : pattern;
  const host = /^([^/?#@:[\]]+|\[[0-9a-f:.]+\])(?::\d{1,5})?\/?$/i.exec(rest)?.[1];
  if (host === undefined) return undefined;
  return host.includes('*') && !wildcardIsSafe(host) ? undefined : pattern;
}

/** A name without scheme, port or path. */
export const hostName: Form<string> = form('a host name, for example "example.com"', (given) =>
  typeof given === 'string' && /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(given)
    ? given
    : undefined,
);

export const userId = (id: string): string | undefined => (/^[0-9a-f-]{36}$/.test(id) ? id : undefined);

const roleName = /^[a-z][a-z0-9_-]{0,39}$/;
const permissionWord = /^[A-Za-z][A-Za-z0-9_-]{0,39}$/;
/** Roles that are always there, and what they hold. */
const builtInRoleNames = new Set(['admin', 'user']);

/** `{ role: { resource: [actions] } }`. Of `users` and `sessions` only known actions; the rest is the application's. */
export const customRoles: Form<Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>> = form(
  'an object of role names (not admin, not user), each with { resource: [actions] }; known resources are users and sessions',
  (given) => {
    if (!isPlainObject(given)) return undefined;
    for (const [role, grants] of Object.entries(given)) {
      if (!roleName.test(role) || builtInRoleNames.has(role) || isInheritedName(role) || !isPlainObject(grants))
        return undefined;
      for (const [resource, actions] of Object.entries(grants)) {
        if (!permissionWord.test(resource) || isInheritedName(resource) || !Array.isArray(actions)) return undefined;
        if (!actions.every((action) => typeof action === 'string' && isGrant(resource, action))) return undefined;
      }
    }
    return given as Record<string, Record<string, string[]>>;
  },
);

/** `user` and `session` are how some wires say it: taken literally they would silently allow nothing. */
function isGrant(resource: string, action: string): boolean {
  if (resource === 'user' || resource === 'session') return false;
  if (resource === 'users' || resource === 'sessions') return isProjectPermission(`${resource}.${action}`);
  return permissionWord.test(action);
}

/** A role or a permission by the name applications give or see: `team_admin`, `$read_members`, `docs:write`. */
export const grantName = (name: string): string | undefined => (/^\$?[a-z0-9_:]{1,63}$/.test(name) ? name : undefined);

const ruleMembers = ['id', 'priority', 'condition', 'action'];
const ruleActions = ['allow', 'reject', 'restrict', 'log'];

export const signUpRules: Form<readonly SignUpRule[]> = form(
  `a list of at most ${mostSignUpRules} rules with id, action (allow, reject, restrict or log) and, if wanted, priority and condition (CEL)`,
  (given) => {
    if (!Array.isArray(given) || given.length > mostSignUpRules) return undefined;
    const rules = given.map((rule): SignUpRule | undefined => {
      if (!isPlainObject(rule) || Object.keys(rule).some((name) => !ruleMembers.includes(name))) return undefined;
      const { id, priority = 0, condition = null, action } = rule;
      if (typeof id !== 'string' || id === '' || !Number.isInteger(priority)) return undefined;
      if (condition !== null && (typeof condition !== 'string' || condition.length > 4000)) return undefined;
      if (!ruleActions.includes(action as string)) return undefined;
      return { id, priority: priority as number, condition, action: action as SignUpRule['action'] };
    });
    const known = rules.filter((rule) => rule !== undefined);
    return known.length === given.length && new Set(known.map(({ id }) => id)).size === known.length
      ? known
      : undefined;
  },
);

/** Better Auth's statements in core's words (spec §3.6); resources of the application go by their own names. */
const resources: Readonly<
  Record<string, { readonly name: string; readonly actions: Readonly<Record<string, string>> }>
> = {
  user: { name: 'users', actions: { get: 'read' } },
  session: { name: 'sessions', actions: { delete: 'revoke' } },
};

/** `{user: ["set-role"]}` to `users.set_role`. A resource without actions asks for nothing that exists. */
export const projectPermissionsIn = (statement: Readonly<Record<string, readonly string[]>>): string[] =>
  Object.entries(statement).flatMap(([resource, actions]) => {
    const known = resources[resource];
    if (actions.length === 0) return [`${resource}.`];
    return actions.map((action) =>
      known ? `${known.name}.${known.actions[action] ?? action.replaceAll('-', '_')}` : `${resource}.${action}`,
    );
  });

/** One role, several in a list, or several in one text with commas. */
export const roleKeys = (role: string | readonly string[]): string[] =>
  [role]
    .flat()
    .flatMap((text) => text.split(','))
    .map((text) => text.trim())
    .filter((text) => text !== '');

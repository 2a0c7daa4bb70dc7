import { type Static, Type } from 'typebox';
import { Refusal } from '../../../base/refusal.ts';
import type { Context } from '../../../core/context.ts';
import { internalProjectId } from '../../../core/projects/directory.ts';
import { createProject, deleteProject, listProjects } from '../../../core/projects/manage-projects.ts';
import type { LogoUrls } from '../../../core/projects/project-record.ts';
import { updateProject } from '../../../core/projects/write-config.ts';
import { json } from '../../kit/answer.ts';
import { adminProject, adminProjectWire } from '../admin-project-wire.ts';
import { without } from '../config/flatten.ts';
import { configProblems } from '../config/known-paths.ts';
import { configFields, overridesOf } from '../config/project-fields.ts';
import { endpoint } from '../endpoint.ts';
import { Problems } from '../input-check.ts';
import { Fields, listOf, maxNote, Nullable, success, url, uuid } from '../schemas.ts';

const tag = 'Administration';

const facts = {
  description: Type.Optional(Nullable(Type.String({ maxLength: maxNote }))),
  logo_url: Type.Optional(Nullable(url())),
  logo_full_url: Type.Optional(Nullable(url())),
  logo_dark_mode_url: Type.Optional(Nullable(url())),
  logo_full_dark_mode_url: Type.Optional(Nullable(url())),
  is_production_mode: Type.Optional(Type.Boolean()),
  config: Type.Optional(configFields),
};
/** One line: it stands in subjects of mails. */
const displayName = () =>
  Type.String({ minLength: 1, maxLength: 256, pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]*$' });

const changes = Fields({ display_name: Type.Optional(displayName()), ...facts });
type Changes = Static<typeof changes>;

/** What new projects allow beside the preset (spec §4.3). */
const freshProject = { 'auth.allowSignUp': true, 'auth.password.allowSignIn': true, 'domains.allowLocalhost': true };

export const createNewProject = endpoint('POST /internal/projects', {
  needs: 'user',
  onlyWith: onlyInternal,
  operationId: 'createProject',
  summary: 'A new project, owned by a team of the caller',
  tag,
  body: Fields({ display_name: displayName(), owner_team_id: uuid(), ...facts }),
  replies: { 201: adminProject },
  async handle(call, me) {
    const { body, ctx } = call;
    const { overrides } = configOf(body);
    const made = await createProject(ctx, me, body.owner_team_id, {
      displayName: body.display_name,
      description: body.description ?? '',
      logoUrls: logosOf(body),
      production: body.is_production_mode ?? false,
      overrides: { ...freshProject, ...overrides },
    });
    const entry = (await ctx.directory.find(made.id))!;
    return json(await adminProjectWire(entry.context('hexclave'), entry, call.texts), 201);
  },
});

export const listOwnProjects = endpoint('GET /internal/projects', {
  needs: 'user',
  onlyWith: onlyInternal,
  operationId: 'listProjects',
  summary: 'The projects that teams of the caller own',
  tag,
  replies: { 200: listOf(adminProject) },
  async handle(call, me) {
    const items = [];
    for (const { id } of await listProjects(call.ctx, me)) {
      const entry = await call.ctx.directory.find(id);
      if (entry) items.push(await adminProjectWire(entry.context('hexclave'), entry, call.texts));
    }
    return json({ items, is_paginated: false });
  },
});

export const readProject = endpoint('GET /internal/projects/current', {
  needs: 'admin',
  operationId: 'getAdminProject',
  summary: 'The project and all of its configuration',
  tag,
  replies: { 200: adminProject },
  handle: async (call) => json(await adminProjectWire(call.ctx, call.project, call.texts)),
});

export const changeProject = endpoint('PATCH /internal/projects/current', {
  needs: 'admin',
  operationId: 'updateAdminProject',
  summary: 'Change the project or its configuration',
  tag,
  body: changes,
  replies: { 200: adminProject },
  async handle(call, me) {
    const { body, ctx } = call;
    const { replaced, overrides } = configOf(body);
    const { logoUrls: known } = await ctx.store.read.project.read();
    await updateProject(ctx, me, {
      change: {
        ...(body.display_name !== undefined && { displayName: body.display_name }),
        ...(body.description !== undefined && { description: body.description ?? '' }),
        ...(body.is_production_mode !== undefined && { production: body.is_production_mode }),
        logoUrls: { ...known, ...logosOf(body) },
      },
      ...(body.config && { overrides: (held) => ({ ...without(held, replaced), ...overrides }) }),
    });
    return json(await adminProjectWire(ctx, call.project, call.texts));
  },
});

export const removeProject = endpoint('DELETE /internal/projects/current', {
  needs: 'admin',
  operationId: 'deleteAdminProject',
  summary: 'Delete the project',
  tag,
  replies: { 200: success },
  async handle(call, me) {
    await deleteProject(call.ctx, me);
    return json({ success: true });
  },
});

/** Only people of the project `internal` make projects. */
function onlyInternal({ project }: Context): void {
  if (project.id !== internalProjectId) throw new Refusal('internal_project_expected');
}

function configOf({ config }: Pick<Changes, 'config'>) {
  if (config?.email_config?.type === 'standard') {
    throw new Refusal('input_invalid', {
      field: 'Mail goes out through the server of the operator; a project has none of its own.',
    });
  }
  const read = overridesOf(config ?? {});
  const problems = configProblems(read.overrides);
  if (problems.length > 0) throw new Problems(problems.map((line) => `body.config: ${line}`));
  return read;
}

function logosOf(body: Changes): LogoUrls {
  const { logo_url, logo_full_url, logo_dark_mode_url, logo_full_dark_mode_url } = body;
  return {
    ...(logo_url !== undefined && { logo: logo_url }),
    ...(logo_full_url !== undefined && { logoFull: logo_full_url }),
    ...(logo_dark_mode_url !== undefined && { logoDarkMode: logo_dark_mode_url }),
    ...(logo_full_dark_mode_url !== undefined && { logoFullDarkMode: logo_full_dark_mode_url }),
  };
}

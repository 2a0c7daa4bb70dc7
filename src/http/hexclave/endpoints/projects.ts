import { Type } from 'typebox';
import { json } from '../../kit/answer.ts';
import { endpoint } from '../endpoint.ts';
import { projectConfigWire, publicConfigSchema } from '../project-wire.ts';

export const currentProject = endpoint('GET /projects/current', {
  needs: 'project_client',
  operationId: 'getCurrentProject',
  summary: 'The project and what its clients may do',
  tag: 'Projects',
  replies: { 200: Type.Object({ id: Type.String(), display_name: Type.String(), config: publicConfigSchema }) },
  handle(call) {
    const { id, displayName } = call.project.project;
    return json({ id, display_name: displayName, config: projectConfigWire(call.ctx, call.project, call.texts) });
  },
});

import { Type } from 'typebox';
import { json } from '../../kit/answer.ts';
import { endpoint } from '../endpoint.ts';

export const healthCheck = endpoint('GET /health-check', {
  needs: 'nobody',
  operationId: 'healthCheck',
  summary: 'Is the API there?',
  tag: 'Health',
  replies: { 204: null },
  handle: () => ({ status: 204 }),
});

/** @param describe makes the document of the dialect that the endpoint is part of */
export const documentOf = (describe: () => unknown) =>
  endpoint('GET /swagger.json', {
    needs: 'nobody',
    operationId: 'openApiDocument',
    summary: 'This document',
    tag: 'Health',
    hidden: true,
    replies: { 200: Type.Object({}) },
    handle: () => json(describe()),
  });

/** The page about every API of the server has this one too. */
export const docs = endpoint('GET /docs', {
  needs: 'nobody',
  operationId: 'docs',
  summary: 'The document as a page',
  tag: 'Health',
  hidden: true,
  replies: { 303: null },
  handle: ({ ctx }) => ({ status: 303, headers: { location: `${ctx.publicUrl}/docs` } }),
});

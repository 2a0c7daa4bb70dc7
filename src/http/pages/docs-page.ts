import type { Answer } from '../kit/answer.ts';
import { html } from './html.ts';
import { page } from './layout.ts';

/** As much of an OpenAPI document as the page reads. */
export interface ApiDocument {
  readonly info: { readonly title: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Operation {
  readonly summary: string;
  readonly tags: readonly string[];
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: unknown }>> };
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Record<string, { schema: unknown }> }>
  >;
}

/** Every operation of every API, from the documents that their clients can read as well. */
export function docsPage(request: {
  readonly nonce: string;
  readonly documents: readonly { readonly url: string; readonly document: ApiDocument }[];
}): Answer {
  return page({
    title: 'Operations',
    wide: true,
    nonce: request.nonce,
    body: html`<h1>Operations</h1>
${request.documents.map(
  ({ url, document }) => html`<h2>${document.info.title}</h2>
<p class="soft">${document.info.description} Paths below <code>${document.servers[0]?.url ?? ''}</code>,
document <a href="${url}"><code>${url}</code></a></p>
${byTag(document).map(
  ([tag, operations]) =>
    html`<h3>${tag}</h3>${operations.map(([method, path, operation]) => showOperation(method, path, operation))}`,
)}`,
)}`,
  });
}

type Listed = readonly [method: string, path: string, operation: Operation];

/** Tags in the order in which they first appear. */
function byTag({ paths }: ApiDocument): [tag: string, operations: Listed[]][] {
  const tags = new Map<string, Listed[]>();
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const tag = operation.tags[0] ?? '';
      tags.set(tag, [...(tags.get(tag) ?? []), [method, path, operation]]);
    }
  }
  return [...tags];
}

const showOperation = (method: string, path: string, operation: Operation) => html`<details>
<summary><span class="method">${method.toUpperCase()}</span> <code>${path}</code> ${operation.summary}</summary>
${
  operation.parameters.length > 0 &&
  html`<p class="soft">Parameters: ${operation.parameters.map(({ name, in: place, required }, index) => html`${index > 0 && ', '}<code>${name}</code> (${place}${required && ', required'})`)}</p>`
}
${operation.requestBody && html`<p class="soft">Body</p><pre>${pretty(operation.requestBody.content['application/json']?.schema)}</pre>`}
${Object.entries(operation.responses).map(
  ([status, { description, content }]) => html`<p class="soft">${status} ${description}</p>
${content && html`<pre>${pretty(content['application/json']?.schema)}</pre>`}`,
)}
</details>`;

const pretty = (schema: unknown): string => JSON.stringify(schema, null, 2) ?? '';

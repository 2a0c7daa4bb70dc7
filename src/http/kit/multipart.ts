/**
 * The part of that name in a multipart body (RFC 7578), the last if there are several. What it says of its name and
 * type is not looked at.
 * @param contentType the request's header, which holds the boundary
 * @returns null: no such body, or no such part
 */
export async function filePart(
  contentType: string | undefined,
  body: Uint8Array,
  name: string,
): Promise<Uint8Array | null> {
  if (!/^multipart\/form-data\s*;/i.test(contentType ?? '')) return null;
  let form: FormData;
  try {
    form = await new Response(Uint8Array.from(body), { headers: { 'content-type': contentType! } }).formData();
  } catch {
    return null; // no boundary, or one that does not end
  }
  const part = form.getAll(name).at(-1);
  if (part === undefined) return null;
  return typeof part === 'string' ? Buffer.from(part) : new Uint8Array(await part.arrayBuffer());
}

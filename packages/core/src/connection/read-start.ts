/** The first `maxBytes` of a body as text: what could be read of it by then. Never rejects. */
export async function readStart(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let byteCount = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      byteCount += chunk.length;
      if (byteCount >= maxBytes) break;
    }
  } catch {
    // The status says the most of it.
  }
  return Buffer.concat(chunks).subarray(0, maxBytes).toString();
}

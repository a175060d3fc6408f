/**
 * A body that may be anything, as an object.
 */

/** An empty one for what is no JSON object. */
export function parseObject(body: string): object {
  try {
    return Object(JSON.parse(body)) as object
  } catch {
    return {}
  }
}

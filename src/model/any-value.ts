/**
 * What a body or an attribute may hold: OTLP's AnyValue as plain JavaScript values.
 *
 * Everything else (Date, Map, class instances ...) has been turned into one of these before it reaches model/.
 */

/**
 * A JavaScript value with a counterpart in OTLP.
 *
 * `number`: a safe integer other than -0 is an int, all else a double (keys of `DOUBLE_KEYS` in semconv.ts are always doubles).
 * `bigint`: an int64. `null`: an AnyValue without a value. `Uint8Array`: bytes.
 */
export type AnyValue = string | number | boolean | bigint | null | Uint8Array | readonly AnyValue[] | AnyValueMap

/** A map; keys whose value is `undefined` count as absent. Key order is kept. */
export interface AnyValueMap {
  readonly [key: string]: AnyValue | undefined
}

export type Attributes = AnyValueMap

/** Sets a key of a map under construction. `__proto__` is a key like any other, not the way to the prototype. */
export function setField(map: Record<string, AnyValue>, key: string, value: AnyValue): void {
  if (key === '__proto__') {
    Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true })
  } else map[key] = value
}

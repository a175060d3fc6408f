/**
 * What process managers write before the lines of their programs: pm2, docker compose, foreman, kubectl, `docker logs -t`.
 */
import { TIME_SOURCE, timeFields, timeOfText } from './line-time.ts'
import type { Wrapper } from './shape.ts'

/** pm2: `0|api  | text`; the file of `pm2 --time`: `2024-09-12T14:35:22: text`. */
const PM2 = /^\d{1,5}\|([\w.@/-]{1,64}) {0,64}\| /
/** compose: `web-1  | text`; foreman: `14:35:22 web.1   | text`. */
const COMPOSE = /^(?:\d\d:\d\d:\d\d )?([\w.@/]{1,64}(?:-[\w.@/]{1,64}){0,8}?)[-_.]\d{1,5} {1,64}\| /
/** `kubectl logs --prefix`: `[pod/web-abc/web] text`. */
const KUBECTL = /^\[pod\/([\w.-]{1,253})\/([\w.-]{1,63})\] /
const TIMED = new RegExp(`^(${TIME_SOURCE}):? (?=[{<\\w])`)

export const unwrapPrefix: Wrapper = (line) => {
  const manager = PM2.exec(line) ?? COMPOSE.exec(line)
  if (manager !== null) return { inner: line.slice(manager[0].length), fields: { service: manager[1]! } }
  const pod = KUBECTL.exec(line)
  if (pod === null) return undefined
  return { inner: line.slice(pod[0].length), fields: { service: pod[2]!, 'k8s.pod.name': pod[1]! } }
}

/** A time that something else put before a whole line: only what is a shape of its own behind it counts. */
export const unwrapTime: Wrapper = (line) => {
  const match = TIMED.exec(line)
  if (match === null) return undefined
  return { inner: line.slice(match[0].length), fields: timeFields(timeOfText(match[1]!)) }
}

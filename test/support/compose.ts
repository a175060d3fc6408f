/**
 * The compose files as data, merged as Docker Compose merges them (2.24.4 and newer), for tests: there is no Docker here.
 *
 * What these files use of its rules and no more: maps are merged, lists are joined, `command` is replaced, of two mounts on
 * one path the later counts, `!override` replaces, `extends` begins with another service.
 * Source: the Compose specification, 13-merge.md.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { parse, type CollectionTag } from 'yaml'

export const ROOT: string = new URL('../..', import.meta.url).pathname

export const COMPOSE_FILE = 'docker-compose.yml'

export interface Service {
  readonly image: string
  readonly user?: string
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string | number>>
  readonly volumes?: readonly string[]
  readonly ports?: readonly string[]
  readonly network_mode?: string
  readonly networks?: Readonly<Record<string, { readonly aliases?: readonly string[] }>>
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly secrets?: readonly string[]
  readonly tmpfs?: readonly string[]
  readonly read_only?: boolean
  readonly restart?: string
  readonly cap_drop?: readonly string[]
  readonly cap_add?: readonly string[]
  readonly security_opt?: readonly string[]
  readonly extends?: { readonly file: string; readonly service: string }
}

export interface Compose {
  readonly services: Readonly<Record<string, Service>>
  readonly volumes?: Readonly<Record<string, null>>
  readonly secrets?: Readonly<Record<string, { readonly file: string }>>
}

/** `compose.kafka.yaml` is the overlay `kafka`. In order. */
export const OVERLAYS: readonly string[] = readdirSync(ROOT)
  .flatMap((name) => /^compose\.([a-z]+)\.yaml$/.exec(name)?.[1] ?? [])
  .toSorted()

export const COMPOSE_FILES: readonly string[] = [COMPOSE_FILE, ...OVERLAYS.map((name) => `compose.${name}.yaml`)]

export function readComposeText(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

/** What `docker compose -f docker-compose.yml -f compose.<overlay>.yaml ...` would run. Variables stay as written. */
export function composeWith(overlays: readonly string[]): Compose {
  const files = [COMPOSE_FILE, ...overlays.map((name) => `compose.${name}.yaml`)].map(readCompose)
  return files.reduce((merged, file) => merge(merged, file, '') as Compose)
}

/** Every subset of the overlays, none first. */
export function overlayCombinations(): readonly (readonly string[])[] {
  return OVERLAYS.reduce<readonly (readonly string[])[]>(
    (sets, name) => [...sets, ...sets.map((set) => [...set, name])],
    [[]],
  )
}

/** A mount of a file or folder of the repository, or of a volume. */
export interface Mount {
  readonly source: string
  readonly target: string
  readonly isReadOnly: boolean
}

export function mountsOf(service: Service): readonly Mount[] {
  return (service.volumes ?? []).map((text) => {
    const [, source = '', target = '', mode] = /^(.*):(\/[^:]*)(?::(ro))?$/.exec(text) ?? []
    return { source, target, isReadOnly: mode === 'ro' }
  })
}

/** In the order of `--config`, the files of the repository that a Collector is started with. */
export function configFilesOf(service: Service): readonly string[] {
  const mounts = new Map(mountsOf(service).map(({ source, target }) => [target, source]))
  const paths = (service.command ?? []).flatMap((argument) => /^--config=(.*)$/.exec(argument)?.[1] ?? [])
  return paths.map((path) => mounts.get(path)?.replace(/^\.\//, '') ?? `no mount on ${path}`)
}

function readCompose(file: string): Compose {
  const compose = parse(readComposeText(file), { merge: true, customTags: OVERRIDE_TAGS }) as Compose
  const services = Object.entries(compose.services).map(([name, service]) => [name, extend(service)] as const)
  return { ...compose, services: Object.fromEntries(services) }
}

function extend({ extends: base, ...service }: Service): Service {
  if (base === undefined) return service
  return merge(readCompose(base.file).services[base.service], service, '') as Service
}

/** `!override` and what stands behind it. */
class Override {
  readonly value: unknown

  constructor(value: unknown) {
    this.value = value
  }
}

const OVERRIDE_TAGS: CollectionTag[] = (['seq', 'map'] as const).map((collection) => ({
  tag: '!override',
  collection,
  resolve: (node) => new Override(node.toJSON()),
}))

function merge(first: unknown, second: unknown, key: string): unknown {
  if (second instanceof Override) return second.value
  if (Array.isArray(second)) {
    if (key === 'command' || !Array.isArray(first)) return second
    return key === 'volumes' ? mergeMounts(first as string[], second as string[]) : [...new Set([...first, ...second])]
  }
  if (!isMap(first) || !isMap(second)) return second
  const names = new Set([...Object.keys(first), ...Object.keys(second)])
  const entries = [...names].map((name) => [name, mergeKey(first, second, name)] as const)
  return Object.fromEntries(entries)
}

function mergeKey(first: Record<string, unknown>, second: Record<string, unknown>, name: string): unknown {
  return name in second ? merge(first[name], second[name], name) : first[name]
}

function mergeMounts(first: readonly string[], second: readonly string[]): readonly string[] {
  const byTarget = new Map(
    [...first, ...second].map((text) => [mountsOf({ image: '', volumes: [text] })[0]?.target, text]),
  )
  return [...byTarget.values()]
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

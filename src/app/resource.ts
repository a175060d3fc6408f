/**
 * Who emits: the resource of this process. Cheap, because every process pays for it at its start.
 */
import { readFileSync, realpathSync } from 'node:fs'
import { hostname, type as osType } from 'node:os'
import { dirname, join, resolve } from 'node:path'

import type { AppConfig, ResourceDetector } from '../config/app-config.ts'
import type { LauncherConfig } from '../config/launcher-config.ts'
import type { Attributes } from '../model/any-value.ts'
import type { Resource } from '../model/log-record.ts'
import * as semconv from '../model/semconv.ts'
import { workingDirectory } from './working-directory.ts'
import { randomUuid } from './random-uuid.ts'

/** The SDK release train that our API and tests follow. */
const SDK_VERSION = '3.1.0'
const UNKNOWN_SERVICE = 'unknown_service:node'
/** Folders looked into, from the entry script up. */
const MAX_FOLDERS = 32

export interface ResourceOptions {
  readonly config: AppConfig
  /** The entry script; `undefined` for `node -e` and the REPL. */
  readonly entry: string | undefined
  /** Of this package. */
  readonly version: string
}

/** Settings win over what was found. */
export function createResource({ config, entry, version }: ResourceOptions): Resource {
  const isOn = (detector: ResourceDetector) => {
    const { resourceDetectors: chosen } = config
    return chosen.includes('all') || chosen.includes(detector)
  }
  const found = isOn('env') ? config.resourceAttributes : {}
  const named = config.serviceName ?? found[semconv.ATTR_SERVICE_NAME]
  return {
    attributes: {
      [semconv.ATTR_SERVICE_NAME]: named ?? applicationName(entry, config.launcher) ?? UNKNOWN_SERVICE,
      ...(isOn('serviceinstance') ? { [semconv.ATTR_SERVICE_INSTANCE_ID]: randomUuid() } : {}),
      [semconv.ATTR_TELEMETRY_SDK_NAME]: 'opentelemetry',
      [semconv.ATTR_TELEMETRY_SDK_LANGUAGE]: 'nodejs',
      [semconv.ATTR_TELEMETRY_SDK_VERSION]: SDK_VERSION,
      [semconv.ATTR_TELEMETRY_DISTRO_NAME]: 'tracelog',
      [semconv.ATTR_TELEMETRY_DISTRO_VERSION]: version,
      ...(isOn('process') ? processAttributes() : {}),
      ...(isOn('host') ? { [semconv.ATTR_HOST_NAME]: hostname() } : {}),
      ...(isOn('os') ? { 'os.type': osType().toLowerCase() } : {}),
      ...without(found, semconv.ATTR_SERVICE_NAME),
    },
  }
}

/** `service.name`, always there. */
export function serviceNameOf(resource: Resource): string {
  const name = resource.attributes[semconv.ATTR_SERVICE_NAME]
  return typeof name === 'string' ? name : UNKNOWN_SERVICE
}

function processAttributes(): Attributes {
  return {
    [semconv.ATTR_PROCESS_PID]: process.pid,
    [semconv.ATTR_PROCESS_RUNTIME_NAME]: 'nodejs',
    [semconv.ATTR_PROCESS_RUNTIME_VERSION]: process.versions.node,
  }
}

function without(attributes: Attributes, key: string): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => name !== key))
}

/**
 * The name of the application's own package. The entry script is in it, unless it lies in node_modules: then it is a framework's
 * program (next, nest, mocha, pm2), and the application is where that was started or installed.
 */
function applicationName(
  entry: string | undefined,
  { packageName: ofScript, script }: LauncherConfig,
): string | undefined {
  if (entry === undefined) return nearestPackageName(workingDirectory())
  const program = realPath(entry)
  const installed = program.search(INSTALLED)
  if (installed < 0) return nearestPackageName(dirname(program))
  return (
    (script === undefined || INSTALLED.test(script) ? undefined : nearestPackageName(dirname(realPath(script)))) ??
    (INSTALLED.test(workingDirectory()) ? undefined : nearestPackageName(workingDirectory())) ??
    ofScript ??
    nearestPackageName(program.slice(0, installed)) ??
    nearestPackageName(dirname(program))
  )
}

const INSTALLED = /[\\/]node_modules[\\/]/

/** The name in the nearest package.json from a folder up; links (node_modules/.bin) have been followed. */
function nearestPackageName(start: string): string | undefined {
  let folder = start
  for (let i = 0; i < MAX_FOLDERS; i++) {
    const name = packageName(join(folder, 'package.json'))
    if (name !== undefined) return name
    const parent = dirname(folder)
    if (parent === folder) return undefined
    folder = parent
  }
  return undefined
}

function realPath(entry: string): string {
  try {
    return realpathSync(entry)
  } catch {
    return resolve(entry)
  }
}

/** `undefined`: no such file, no name in it (a package.json of `{"type":"module"}` only), or not readable. */
function packageName(path: string): string | undefined {
  try {
    const { name } = JSON.parse(readFileSync(path, 'utf8')) as { name?: unknown }
    return typeof name === 'string' && name !== '' ? name : undefined
  } catch {
    return undefined
  }
}

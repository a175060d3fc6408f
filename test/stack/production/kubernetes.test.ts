/**
 * collector/kubernetes: rules that a cluster would not enforce, or only after the rollout. There is no cluster here: the files
 * were put through kustomize 5.7.1 and decoded, unknown fields refused, with the types of Kubernetes 1.34 when they were written.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'

import { readCollectorFile, variablesRead } from '../../support/collector-config.ts'
import { COLLECTOR_FOLDER } from '../../support/servers/otelcol.ts'
import { stackVersion } from '../../support/stack-versions.ts'

interface Container {
  readonly image: string
  readonly args?: readonly string[]
  readonly env?: readonly { readonly name: string; readonly value?: string }[]
  readonly envFrom?: readonly { readonly configMapRef: { readonly name: string } }[]
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[]
  readonly startupProbe?: object
  readonly livenessProbe?: object
  readonly readinessProbe?: object
  readonly resources: {
    readonly requests: Readonly<Record<string, string>>
    readonly limits: Readonly<Record<string, string>>
  }
  readonly securityContext: object
}

interface Pod {
  readonly automountServiceAccountToken: boolean
  readonly securityContext: object
  readonly containers: readonly Container[]
  readonly initContainers?: readonly Container[]
  readonly volumes: readonly {
    readonly name: string
    readonly configMap?: { readonly name: string }
    readonly emptyDir?: { readonly sizeLimit: string }
  }[]
}

interface Manifest {
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> } & Readonly<Record<string, unknown>>
    readonly template?: { readonly metadata: { readonly labels: Readonly<Record<string, string>> }; readonly spec: Pod }
    readonly ports?: readonly { readonly port: number; readonly targetPort: string }[]
    readonly volumeClaimTemplates?: readonly {
      readonly metadata: { readonly name: string }
      readonly spec: { readonly resources: { readonly requests: { readonly storage: string } } }
    }[]
  }
}

const FOLDER = join(COLLECTOR_FOLDER, 'kubernetes')

function readManifests(file: string): readonly Manifest[] {
  const documents = parseAllDocuments(readFileSync(join(FOLDER, file), 'utf8'))
  return documents.map((document) => {
    expect(document.errors).toEqual([])
    return document.toJS() as Manifest
  })
}

interface Kustomization {
  readonly namespace: string
  readonly resources: readonly string[]
  readonly configMapGenerator: readonly {
    readonly name: string
    readonly files?: readonly string[]
    readonly literals?: readonly string[]
  }[]
}

/** With what is commented out in it: the balancer. */
const kustomization = parse(
  readCollectorFile('kustomization.yaml').replaceAll(/^ {2}# (?=- (?:kubernetes|name)| {2}files)/gm, '  '),
) as Kustomization

const CLOSED = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
}
const GIB = 2 ** 30

const WORKLOADS = [
  { file: 'agent.yaml', kind: 'DaemonSet', role: ['agent.yaml', 'selflogs.yaml'] },
  { file: 'gateway.yaml', kind: 'StatefulSet', role: ['gateway.yaml', 'selflogs.yaml'] },
  { file: 'balancer.yaml', kind: 'StatefulSet', role: ['gateway-balancer.yaml', 'gateway-balancer-dns.yaml'] },
] as const

describe.each(WORKLOADS)('$file', ({ file, kind, role }) => {
  const manifests = readManifests(file)
  const workload = manifests.find((manifest) => manifest.kind === kind)!
  const pod = workload.spec.template!.spec
  const [container] = pod.containers as readonly [Container]
  const env = Object.fromEntries((container.env ?? []).map(({ name, value }) => [name, value]))

  test('runs the version that was tested, closed, as a user without rights', () => {
    expect(container.image).toBe(
      `otel/opentelemetry-collector-contrib:${stackVersion('otel/opentelemetry-collector-contrib')}`,
    )
    expect(container.securityContext).toEqual(CLOSED)
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 10001,
        fsGroup: 10001,
        seccompProfile: { type: 'RuntimeDefault' },
      },
    })
  })

  test('is asked whether it lives, and says what it needs', () => {
    const probe = { httpGet: { path: '/', port: 'health' } }
    expect(container).toMatchObject({ startupProbe: probe, livenessProbe: probe, readinessProbe: probe })
    expect(Object.keys(container.resources.requests)).toEqual(['cpu', 'memory'])
    expect(Object.keys(container.resources.limits)).toEqual(['memory'])
  })

  test('starts with the gate, and with files of the checkout that its ConfigMap is made of', () => {
    const [gate, ...configs] = container.args ?? []
    expect(gate).toBe('--feature-gates=stanza.synchronousLogEmitter')
    expect(configs).toEqual(role.map((name) => `--config=/etc/tracelog/${name}`))
    const name = pod.volumes.find((volume) => volume.name === 'config')?.configMap?.name
    expect(kustomization.configMapGenerator.find((map) => map.name === name)?.files).toEqual(role)
    for (const each of role) expect(existsSync(join(COLLECTOR_FOLDER, each))).toBe(true)
    expect(kustomization.resources).toContain(`kubernetes/${file}`)
  })

  test('sets only variables that its files read, and listens where the pod says', () => {
    const read = Object.keys(Object.assign({}, ...role.map((name) => variablesRead(readCollectorFile(name)))))
    const ours = Object.keys(env).filter((name) => name.startsWith('TRACELOG_'))
    expect(ours.filter((name) => !read.includes(name))).toEqual([])
    const ports = Object.fromEntries((container.ports ?? []).map((port) => [port.name, port.containerPort]))
    expect(env).toMatchObject({
      TRACELOG_OTLP_GRPC: `0.0.0.0:${ports['otlp-grpc']}`,
      TRACELOG_OTLP_HTTP: `0.0.0.0:${ports['otlp-http']}`,
      TRACELOG_HEALTH: `0.0.0.0:${ports['health']}`,
    })
    const maps = (container.envFrom ?? []).map((from) => from.configMapRef.name)
    const literals = maps.flatMap(
      (name) => kustomization.configMapGenerator.find((map) => map.name === name)?.literals ?? [],
    )
    expect(literals.map((text) => text.split('=')[0]!).filter((name) => !read.includes(name))).toEqual([])
    expect(literals.length > 0).toBe(file === 'gateway.yaml')
  })

  test('its two queues may take a third of its volume, no more: a full disk and a restart lost records', () => {
    const queue = Number(env['TRACELOG_QUEUE_BYTES'])
    const claim = workload.spec.volumeClaimTemplates?.find(({ metadata }) => metadata.name === 'data')
    const data = pod.volumes.find(({ name }) => name === 'data')
    const size = claim?.spec.resources.requests.storage ?? data?.emptyDir?.sizeLimit
    expect(2 * queue).toBeLessThanOrEqual((Number.parseInt(size!, 10) * GIB) / 3)
  })

  test('its services and its policy mean its pods', () => {
    const { labels } = workload.spec.template!.metadata
    expect(labels).toMatchObject(workload.spec.selector!.matchLabels!)
    const services = manifests.filter((manifest) => manifest.kind === 'Service')
    expect(services.length).toBeGreaterThan(0)
    const names = (container.ports ?? []).map(({ name }) => name)
    for (const { spec } of services) {
      expect(labels).toMatchObject(spec.selector!)
      for (const { targetPort } of spec.ports!) expect(names).toContain(targetPort)
    }
  })
})

test('the aggregated files of a gateway fit on their volume', () => {
  const read = variablesRead(readCollectorFile('gateway.yaml'))
  const mebibytes = Number(read['TRACELOG_AGGREGATE_MEGABYTES']) * (Number(read['TRACELOG_AGGREGATE_FILES']) + 1)
  const gateway = readManifests('gateway.yaml').find(({ kind }) => kind === 'StatefulSet')
  const claim = gateway?.spec.volumeClaimTemplates?.find(({ metadata }) => metadata.name === 'aggregate')
  expect(mebibytes).toBeGreaterThan(0)
  expect(mebibytes).toBeLessThan(Number.parseInt(claim?.spec.resources.requests.storage ?? '', 10) * 1024)
})

test('the balancer finds the gateways by the headless service, the agents find the gateways by the other', () => {
  const services = readManifests('gateway.yaml').filter(({ kind }) => kind === 'Service')
  expect(services.map(({ metadata }) => metadata.name)).toEqual(['tracelog-gateway', 'tracelog-gateway-headless'])
  const text = (file: string): string => readFileSync(join(FOLDER, file), 'utf8')
  expect(text('balancer.yaml')).toContain('value: tracelog-gateway-headless\n')
  expect(text('agent.yaml')).toContain('value: http://tracelog-gateway:4318 ')
})

test('the example of an application loads the package as the Operator would, and sends to the agent of its node', () => {
  const [deployment] = readManifests('examples/application.yaml') as [Manifest]
  const pod = deployment.spec.template!.spec
  const [init, app] = [pod.initContainers![0]!, pod.containers[0]!]
  const env = Object.fromEntries((app.env ?? []).map(({ name, value }) => [name, value]))
  expect(env).toMatchObject({
    NODE_OPTIONS: '--require /tracelog/autoinstrumentation.js',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://tracelog-agent.tracelog.svc:4318',
  })
  for (const container of [init, app]) {
    expect(container.securityContext).toEqual(CLOSED)
    expect(container.resources.limits['memory']).toBeDefined()
  }
  const [instrumentation] = readManifests('examples/instrumentation.yaml') as unknown as [
    { spec: { exporter: { endpoint: string }; nodejs: { image: string } } },
  ]
  expect(instrumentation.spec.exporter.endpoint).toBe(env['OTEL_EXPORTER_OTLP_ENDPOINT'])
  expect(instrumentation.spec.nodejs.image).toBe(init.image)
})

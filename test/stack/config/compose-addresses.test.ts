/** Who talks to whom in the compose files: each name is a service's, each port one on which its configuration listens. */
import { expect, test } from 'vitest'

import { readCollectorFile, variablesRead } from '../../support/collector-config.ts'
import {
  composeWith,
  mountsOf,
  OVERLAYS,
  overlayCombinations,
  type Compose,
  type Service,
} from '../../support/compose.ts'

const combinations = overlayCombinations().map((overlays) => ({ name: overlays.join(' + ') || 'none', overlays }))

/** Ports that a server has and no variable or file of ours sets. */
const OWN_PORTS: Readonly<Record<string, readonly string[]>> = {
  grafana: ['3000'],
  prometheus: ['9090'],
  redis: ['6379'],
  nginx: ['8080', '8090'], // HAProxy's too, in its network
  'lb-spans': ['4319'],
}

/** The ports in its environment, and in the defaults of the variables that its files read. */
function portsOf(name: string, service: Service): ReadonlySet<string> {
  const files = mountsOf(service).filter(({ source }) => source.startsWith('./collector/'))
  const defaults = files.flatMap(({ source }) => Object.values(variablesRead(readCollectorFile(source.slice(12)))))
  const listening = [...Object.values(service.environment ?? {}).map(String), ...defaults.map(String)]
  const ports = listening.flatMap((text) => [...text.matchAll(/(?:^|:)(\d{4,5})\b/g)].map(([, port]) => port!))
  return new Set([...ports, ...(OWN_PORTS[name] ?? [])])
}

interface Address {
  readonly from: string
  readonly host: string
  readonly port: string
}

/** `http://loki:3100/otlp`, `kafka:9092`, `redis://redis:6379`: what one service is told of another. */
function addressesOf({ services }: Compose): readonly Address[] {
  return Object.entries(services).flatMap(([from, { environment = {} }]) =>
    Object.values(environment).flatMap((value) => {
      const [, host, port] = /^(?:\w+:\/\/)?([a-z][a-z-]*):(\d+)(?:\/|$)/.exec(String(value)) ?? []
      return host === undefined || host === 'localhost' ? [] : [{ from, host, port: port! }]
    }),
  )
}

/** A service's name, or a name that one has in the network. */
function findService(compose: Compose, host: string): [string, Service] | undefined {
  const services = Object.entries(compose.services)
  const isAlias = ([, { networks }]: [string, Service]): boolean =>
    networks?.['default']?.aliases?.includes(host) === true
  return services.find(([name]) => name === host) ?? services.find(isAlias)
}

test.each(combinations)('overlays $name: whoever is asked is there, and listens on that port', ({ overlays }) => {
  const compose = composeWith(overlays)
  const addresses = addressesOf(compose)
  expect(addresses.length).toBeGreaterThan(3)
  const wrong = addresses.filter(({ host, port }) => {
    const [name, service] = findService(compose, host) ?? []
    return name === undefined || !portsOf(name, service!).has(port)
  })
  expect(wrong).toEqual([])
})

test.each(combinations)('overlays $name: what is published is a port that its server has', ({ overlays }) => {
  const { services } = composeWith(overlays)
  const published = Object.entries(services).flatMap(([name, { ports = [] }]) =>
    ports.map((port) => ({ name, port: port.split(':').at(-1)! })),
  )
  expect(published.filter(({ name, port }) => !portsOf(name, services[name]!).has(port))).toEqual([])
})

test('Prometheus scrapes services, on ports that they have', () => {
  const compose = composeWith(OVERLAYS)
  const targets = [...readCollectorFile('prometheus.yaml').matchAll(/targets: \[([a-z]+):(\d+)\]/g)]
  expect(targets.map(([, host]) => host)).toEqual(['collector', 'collector', 'loki', 'tempo'])
  for (const [, host = '', port = ''] of targets) expect(portsOf(host, compose.services[host]!), host).toContain(port)
})

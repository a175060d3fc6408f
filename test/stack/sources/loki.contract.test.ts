/**
 * The contract of sources, for Loki and Tempo behind the Collector.
 */
import { describe, expect } from 'vitest'

import { sourceContract } from '../../contract/source.contract.ts'
import { findServer, requireServers } from '../../support/servers/program.ts'
import { startStack } from './running-stack.ts'

const SERVERS = ['otelcol', 'loki', 'tempo'] as const
const isThere = SERVERS.every((name) => findServer(name) !== undefined)

describe.runIf(isThere)('loki', () => {
  sourceContract(
    async () => {
      const stack = await startStack()
      return { source: stack.source, otlpUrl: stack.collector.httpUrl, stop: async () => await stack.stop() }
    },
    { runs: 60, lengths: [10_000, 50_000, 200_000], patience: 60_000 },
  )
})

// Says what is missing where they cannot be had.
requireServers(...SERVERS)('the servers of the contract can be had', () => expect(isThere).toBe(true))

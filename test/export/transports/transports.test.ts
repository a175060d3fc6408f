/** Every protocol against the one contract. */
import { describeTransport, type ContractEndpoint, type Manner } from '../../contract/transport.contract.ts'
import { startGrpcReceiver, type GrpcFault } from '../../support/grpc-receiver.ts'
import { startReceiver, type Fault } from '../../support/receiver.ts'

const HTTP: Readonly<Record<Manner, Fault>> = {
  busy: { status: 503 },
  'busy for 2 s': { status: 429, retryAfter: '2' },
  refuses: { status: 404 },
  'too large': { status: 413 },
  'refuses three': { partial: { rejected: 3, message: 'too old' } },
  'cuts at once': { cut: 'begun' },
  'cuts when it has read': { cut: 'read' },
  'cuts in its answer': { cut: 'answered' },
  resets: { reset: true },
  silent: { blackhole: true },
  'knows no zstd': { unknownCoding: 'zstd' },
}

const GRPC: Readonly<Record<Manner, GrpcFault>> = {
  busy: { status: 14 },
  'busy for 2 s': { status: 8, retryMillis: 2000 },
  refuses: { status: 3, message: 'no' },
  'too large': { maxBytes: 1 },
  'refuses three': { partial: { rejected: 3, message: 'too old' } },
  'cuts at once': { cut: 'begun' },
  'cuts when it has read': { cut: 'read' },
  'cuts in its answer': { cut: 'answered' },
  resets: { reset: { code: 7, at: 'read' } },
  silent: { blackhole: true },
  'knows no zstd': { unknownEncoding: 'zstd' },
}

for (const protocol of ['http/protobuf', 'http/json'] as const) {
  describeTransport(protocol, async (): Promise<ContractEndpoint> => {
    const receiver = await startReceiver()
    return {
      arrivals: receiver,
      endpoint: { url: `${receiver.url}/v1/logs`, protocol },
      answer: (manner) => (receiver.fault = manner === undefined ? undefined : HTTP[manner]),
      headers: () => receiver.requests.map(({ headers }) => headers),
      codingHeader: 'content-encoding',
    }
  })
}

describeTransport('grpc', async (): Promise<ContractEndpoint> => {
  const receiver = await startGrpcReceiver()
  return {
    arrivals: receiver,
    endpoint: { url: receiver.url, protocol: 'grpc' },
    answer: (manner) => (receiver.fault = manner === undefined ? undefined : GRPC[manner]),
    headers: () => receiver.calls.map(({ headers }) => headers),
    codingHeader: 'grpc-encoding',
  }
})

/**
 * Is this host one of us? Who gets baggage, our tracestate member and Cache-Status, and whose dump requests count.
 *
 * Pure but for a bounded memory of answers. Names are compared, never resolved: a look-up per request would block or lie.
 */
import { BlockList, isIP } from 'node:net'

export interface TrustedPeers {
  /** @param host  a name or an address, without port; brackets around IPv6 are allowed. `undefined`: not trusted. */
  isTrusted(host: string | undefined): boolean
}

/** What TRACELOG_TRUSTED_PEERS means when it is unset. */
export const DEFAULT_TRUSTED_PEERS: readonly string[] = ['loopback']

/** Answers kept; a process talks to few hosts, but a crawler must not fill the memory. */
const MAX_REMEMBERED = 1_000

/**
 * @param peers  `loopback`, host names, `*.suffix`, addresses and CIDRs; what is none of them trusts nobody (config/ has
 *   complained before). The port of a name does not count.
 */
export function createTrustedPeers(peers: readonly string[] = DEFAULT_TRUSTED_PEERS): TrustedPeers {
  let rules: Rules | undefined
  const remembered = new Map<string, boolean>()
  return {
    isTrusted(host) {
      if (host === undefined) return false
      const known = remembered.get(host)
      if (known !== undefined) return known
      rules ??= rulesOf(peers)
      const answer = decide(host.toLowerCase(), rules)
      if (remembered.size < MAX_REMEMBERED) remembered.set(host, answer)
      return answer
    },
  }
}

interface Rules {
  readonly addresses: BlockList
  readonly names: Set<string>
  readonly suffixes: string[]
}

/** Made for the first host: by then node:net, which makes them, is loaded. */
function rulesOf(peers: readonly string[]): Rules {
  const rules: Rules = { addresses: new BlockList(), names: new Set(), suffixes: [] }
  for (const peer of peers) addPeer(peer.toLowerCase(), rules)
  return rules
}

const NAME = /^(?:\*\.)?([a-z0-9_][a-z0-9_.-]*)(?::\d+)?$/

function addPeer(peer: string, { addresses, names, suffixes }: Rules): void {
  if (peer === 'loopback') {
    addresses.addSubnet('127.0.0.0', 8, 'ipv4')
    addresses.addAddress('::1', 'ipv6')
    names.add('localhost')
    suffixes.push('.localhost')
    return
  }
  const [address = '', bits, ...rest] = withoutBrackets(peer).split('/')
  const family = isIP(address)
  if (family !== 0 && rest.length === 0) {
    addAddress(addresses, { address, bits, type: family === 6 ? 'ipv6' : 'ipv4' })
    return
  }
  const name = NAME.exec(peer)?.[1]
  if (name === undefined) return
  if (peer.startsWith('*.')) suffixes.push(`.${name}`)
  else names.add(name)
}

function addAddress(
  addresses: BlockList,
  item: { address: string; bits: string | undefined; type: 'ipv4' | 'ipv6' },
): void {
  if (item.bits === undefined) {
    addresses.addAddress(item.address, item.type)
    return
  }
  const prefix = Number(item.bits)
  if (!/^\d{1,3}$/.test(item.bits) || prefix > (item.type === 'ipv6' ? 128 : 32)) return
  addresses.addSubnet(item.address, prefix, item.type)
}

function decide(host: string, { addresses, names, suffixes }: Rules): boolean {
  const bare = withoutBrackets(host)
  // A dual-stack listener sees IPv4 peers as ::ffff:10.0.0.1.
  const address = bare.startsWith('::ffff:') && isIP(bare.slice(7)) === 4 ? bare.slice(7) : bare
  const family = isIP(address)
  if (family !== 0) return addresses.check(address, family === 6 ? 'ipv6' : 'ipv4')
  return names.has(bare) || suffixes.some((suffix) => bare.endsWith(suffix))
}

function withoutBrackets(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
}

/** Every line of every kind that both readers of access logs are tested with: ours, and the Collector's files. */
import type { AccessCase } from './access-lines/access-case.ts'
import { CADDY_CASES } from './access-lines/caddy.ts'
import { ENVOY_CASES } from './access-lines/envoy.ts'
import { HAPROXY_CASES } from './access-lines/haproxy.ts'
import { NGINX_CASES } from './access-lines/nginx.ts'
import { TRAEFIK_CASES } from './access-lines/traefik.ts'

export type { AccessCase } from './access-lines/access-case.ts'

export const ACCESS_CASES: readonly AccessCase[] = [
  ...NGINX_CASES,
  ...HAPROXY_CASES,
  ...CADDY_CASES,
  ...ENVOY_CASES,
  ...TRAEFIK_CASES,
]

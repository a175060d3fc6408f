/** Every file of grafana/ that is built: path below grafana/ -> text. */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'

import { applicationRules } from './alerts/applications.ts'
import { pipelineRules } from './alerts/pipeline.ts'
import { prometheusRules } from './alerts/prometheus.ts'
import type { ProvisionedRule } from './alerts/rule.ts'
import { cache } from './dashboards/cache.ts'
import { errors } from './dashboards/errors.ts'
import { followOneRequest } from './dashboards/follow-one-request.ts'
import { loadBalancer } from './dashboards/load-balancer.ts'
import { pipelineHealth } from './dashboards/pipeline-health.ts'
import { pipelineMetrics } from './dashboards/pipeline-metrics.ts'
import { services } from './dashboards/services.ts'
import { dataSources } from './data-sources.ts'
import { DASHBOARD_PATHS, FOLDER } from './names.ts'
import { provisioningText } from './provisioning-text.ts'

/** Folders that hold nothing else. `-metrics`: only with compose.metrics.yaml. */
export const BUILT_FOLDERS = ['dashboards', 'dashboards-metrics', 'provisioning', 'provisioning-metrics'] as const

export function builtFiles(): ReadonlyMap<string, string> {
  return new Map([
    ...dashboardFiles('dashboards', [
      followOneRequest(),
      services(),
      cache(),
      loadBalancer(),
      errors(),
      pipelineHealth(),
    ]),
    ...dashboardFiles('dashboards-metrics', [pipelineMetrics()]),
    ['provisioning/datasources/tracelog.yaml', dataSourcesText(false)],
    ['provisioning-metrics/datasources/tracelog.yaml', dataSourcesText(true)],
    ['provisioning/dashboards/tracelog.yaml', providerText('tracelog', DASHBOARD_PATHS.always)],
    ['provisioning-metrics/dashboards/metrics.yaml', providerText('tracelog-metrics', DASHBOARD_PATHS.withMetrics)],
    [
      'provisioning/alerting/tracelog.yaml',
      alertingText('Alert rules on Loki.', { applications: applicationRules(), pipeline: pipelineRules() }),
    ],
    [
      'provisioning-metrics/alerting/metrics.yaml',
      alertingText('Alert rules on Prometheus.', { metrics: prometheusRules() }),
    ],
  ])
}

function dashboardFiles(folder: string, dashboards: readonly Dashboard[]): [string, string][] {
  return dashboards.map((dashboard) => [`${folder}/${fileName(dashboard)}`, jsonText(dashboard)])
}

function fileName({ uid = '' }: Dashboard): string {
  return `${uid.replace(/^tracelog-/, '')}.json`
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

function dataSourcesText(hasPrometheus: boolean): string {
  const what = hasPrometheus
    ? ['Loki, Tempo and Prometheus: compose.metrics.yaml mounts this file over the one of provisioning/.']
    : ['Loki and Tempo, linked both ways.']
  const where = "Their addresses are variables of Grafana's environment; compose sets them."
  return provisioningText([...what, where], dataSources(hasPrometheus))
}

function providerText(name: string, path: string): string {
  const provider = {
    name,
    folder: FOLDER.title,
    folderUid: FOLDER.uid,
    type: 'file',
    disableDeletion: true,
    allowUiUpdates: false,
    updateIntervalSeconds: 30,
    options: { path, foldersFromFilesStructure: false },
  }
  return provisioningText([`Dashboards: the files of ${path}.`], { apiVersion: 1, providers: [provider] })
}

/** @param rules  group -> its rules; all of a group are evaluated together, once a minute */
function alertingText(about: string, rules: Readonly<Record<string, readonly ProvisionedRule[]>>): string {
  const groups = Object.entries(rules).map(([name, those]) => ({
    orgId: 1,
    name: `tracelog-${name}`,
    folder: FOLDER.title,
    interval: '1m',
    rules: those,
  }))
  return provisioningText([about], { apiVersion: 1, groups })
}

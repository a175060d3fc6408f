/** What can be chosen at the top of a dashboard. */
import {
  CustomVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard'

import { LEVELS_FROM } from './logql.ts'
import { DATA_SOURCES } from './names.ts'

/** Every record has a service; one that sent none is under unknown_service. */
export function serviceVariable(): QueryVariableBuilder {
  return labelVariable('service', 'service_name', 'Service').allValue('.+')
}

/** Not every record has one: the value for "All" matches also those without. */
export function environmentVariable(): QueryVariableBuilder {
  return labelVariable('environment', 'deployment_environment_name', 'Environment').allValue('.*')
}

export function levelVariable(): CustomVariableBuilder {
  const options = [['everything', '.*'], ...Object.entries(LEVELS_FROM).toReversed()]
  return new CustomVariableBuilder('level')
    .label('Level from')
    .values(options.map(([text, value]) => `${text} : ${value}`).join(', '))
    .current({ text: 'everything', value: '.*' })
}

/** Filled by the links of this dashboard, or by hand. */
export function textVariable(name: string, label: string): TextBoxVariableBuilder {
  return new TextBoxVariableBuilder(name).label(label).defaultValue('')
}

function labelVariable(name: string, label: string, shown: string): QueryVariableBuilder {
  return (
    new QueryVariableBuilder(name)
      .label(shown)
      .datasource({ type: 'loki', uid: DATA_SOURCES.loki })
      // type 1: the values of a label.
      .query({ label, refId: `values of ${label}`, stream: '', type: 1 })
      .multi(true)
      .includeAll(true)
      .current({ text: ['All'], value: ['$__all'] })
      .refresh(VariableRefresh.OnTimeRangeChanged)
      .sort(VariableSort.AlphabeticalAsc)
  )
}

/** What a volume is called in a picture. Pure. */

import {visibleText} from '../../../runner/display/visible-text.ts';
import type {Canvas} from '../../../runner/picture.ts';
import type {LineagePlan} from '../plan.ts';

/** Its Name tag and device, or its id where several of these would have the same; a copy says from where. */
export function labelsOf(lineages: readonly LineagePlan[], {isUnicode}: Canvas): string[] {
  const names = lineages.map((lineage) => labelOf(lineage, isUnicode));
  const seen = new Map<string, number>();
  for (const name of names) seen.set(name, (seen.get(name) ?? 0) + 1);
  return names.map((name, index) => {
    const lineage = lineages[index];
    return lineage && (seen.get(name) ?? 0) > 1
      ? labelOf({...lineage, name: lineage.volume}, isUnicode)
      : name;
  });
}

function labelOf({name, volume, device, bornIn, isReplica}: LineagePlan, isUnicode: boolean): string {
  const told = visibleText(name ?? '');
  const base = isUnicode ? told : told.replaceAll(/[^ -~]+/g, '?');
  const place = device === undefined ? '' : ` ${visibleText(device).replace(/^\/dev\//, '')}`;
  return `${base || volume}${place}${isReplica ? ` from ${bornIn}` : ''}`;
}

/** The anchor ConfigMap of a run, which owns its objects. */
export interface Owner {
  name: string;
  uid: string;
}

export function ownerReference({ name, uid }: Owner): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', name, uid };
}

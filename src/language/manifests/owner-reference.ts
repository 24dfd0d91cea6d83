/** The anchor of a run, as its owner. */
export interface Owner {
  name: string;
  uid: string;
}

export function ownerReference({ name, uid }: Owner): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', name, uid };
}

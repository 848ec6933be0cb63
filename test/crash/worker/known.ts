/** What is in the JSON column. */
export interface Details {
  a?: number;
  b?: (number | null)[];
  /** Looks like the trail's own mark, and is the application's. */
  $stored?: string;
}

/** An account as its owner knows it. */
export interface Known {
  id: number;
  owner: string;
  name: string;
  balance: number;
  amount: number;
  rate: number;
  isActive: boolean;
  serial: string;
  details: Details | null;
  photo: Buffer | null;
  city: string | null;
  isDeleted: boolean;
  /** Amount by tag. */
  movements: Map<string, number>;
  labels: Set<number>;
}

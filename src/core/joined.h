/* Rows that are connected, as trees: each row has a parent of a lower number, the root of
 * its tree has itself. */
#ifndef MV_JOINED_H
#define MV_JOINED_H

static inline int mv_root_of(int *parent, int row) {
  while (parent[row] != row) {
    parent[row] = parent[parent[row]];
    row = parent[row];
  }
  return row;
}

static inline void mv_join(int *parent, int a, int b) {
  a = mv_root_of(parent, a);
  b = mv_root_of(parent, b);
  if (a < b) parent[b] = a;
  if (b < a) parent[a] = b;
}

#endif

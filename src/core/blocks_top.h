/* Which parts of a multilevel model are eliminated at the top (blocks.h): what is
 * cheapest of some choices. */
#ifndef MV_BLOCKS_TOP_H
#define MV_BLOCKS_TOP_H

#include "blocks.h"

/* Sets `is_top`, and `root` to the first row of each row's block. Space: `columns`, of
 * each row; `head`, of each group of the largest part. MV_TOO_MANY_LEVELS as in the plan.
 */
mv_status mv_choose_top(const mv_problem *problem, mv_blocks *blocks, int *root,
                        int *columns, int *head);

#endif

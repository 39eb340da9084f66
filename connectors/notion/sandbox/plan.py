"""What a workspace's plan allows: blocks for life, charts, whether there are views at all. Without settings: all."""

from __future__ import annotations

from collections import Counter

from connectors.notion.sandbox.errors import NotionError


class Plan:
    """`block_limit`: how many blocks a workspace may ever make (Notion's free plan with several members: 1,000);
    `chart_limit`: how many charts it may have at a time (Notion's free plan: 1). None: no limit.
    `views` False: the calls for views are not there; `uploads` False: no files may be sent.
    """

    def __init__(self) -> None:
        self.block_limit: int | None = None
        self.chart_limit: int | None = None
        self.views = True
        self.uploads = True
        self.made: Counter[str] = Counter()

    def take(self, workspace: str, blocks: int) -> None:
        """Count blocks that are about to be made. Raises 403, and counts nothing, when they are too many.

        Pages, rows and databases are blocks too. What is deleted is not given back.
        """
        if self.block_limit is not None and self.made[workspace] + blocks > self.block_limit:
            raise NotionError(
                403,
                "restricted_resource",
                f"This workspace has used {self.made[workspace]} of its {self.block_limit} blocks: upgrade it.",
                additional={"block_limit": self.block_limit},
            )
        self.made[workspace] += blocks

    def one_more_chart(self, there: int) -> None:
        """Raises 403 when the workspace has all the charts that it may have. The status is this sandbox's guess."""
        if self.chart_limit is not None and there >= self.chart_limit:
            charts = "1 chart" if self.chart_limit == 1 else f"{self.chart_limit} charts"
            raise NotionError(403, "restricted_resource", f"This workspace's plan includes {charts}: upgrade it.")

    def has_views(self) -> None:
        """Raises 400 where there are no views."""
        if not self.views:
            raise NotionError(400, "invalid_request_url", "Invalid request URL.")

    def has_uploads(self) -> None:
        """Raises 403 where no files may be sent. The status is this sandbox's guess."""
        if not self.uploads:
            raise NotionError(403, "restricted_resource", "This workspace takes no file uploads.")

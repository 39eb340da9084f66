"""What Prefect runs for the hub. Nothing outside this package imports Prefect."""

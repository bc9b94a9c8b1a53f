"""Spain: VERI*FACTU, by the royal decree 1007/2023 and the order HAC/1177/2024."""

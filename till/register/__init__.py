"""The register of a till: it sells, takes money, keeps tabs, logs people in and recovers orders, through ports only."""

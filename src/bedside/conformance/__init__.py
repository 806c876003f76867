"""What Bedside was checked against, case by case: `bedside conformance`. Each area is a file in `checks/`."""

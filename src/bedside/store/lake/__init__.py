"""The lake: everybody's genotypes as sorted Parquet; files stay plain, so that any engine reads them."""

"""The kinds of products that this program knows, in the order in which they are made."""

from __future__ import annotations

from collections.abc import Mapping

from calotype.run.products.product import Product
from calotype.run.products.trained_lora import TrainedLora
from calotype.run.products.training_export import TrainingExport

PRODUCTS: Mapping[str, Product] = {product.name: product for product in (TrainingExport(), TrainedLora())}

import{I as o,v as t}from"./chunk-XS4NYEZU.js";function i({site:r}){return o("h2",{"data-site":r,children:t("tab_insight")})}export{i as InsightPage};
